/// What the files of a data directory tell about all its partitions.
struct DirectoryFacts: Sendable {
    /// A process holds the directory's lock.
    var isLive: Bool
    var wasClosedCleanly: Bool
    /// Offsets below are gone, or to go, by retention or `DeleteRecords`.
    var logStarts: [TopicPartition: Int64]
    /// Offsets below may have been removed by compaction.
    var cleanedBelow: [TopicPartition: Int64]

    /// Kafka's own topics whose logs are always compacted.
    static let compactedTopics: Set<String> = ["__consumer_offsets", "__transaction_state", "__share_group_state"]

    /// Files that are absent or damaged tell nothing; damage is for others to name.
    init(path: String, fileSystem: any FileSystem) {
        isLive = fileSystem.isLocked("\(path)/.lock")
        wasClosedCleanly = !isLive && (try? fileSystem.status("\(path)/\(CleanShutdownMarker.fileName)")) ?? nil != nil
        let read = { (name: String) -> [TopicPartition: Int64] in
            guard let bytes = try? fileSystem.readAll("\(path)/\(name)") else { return [:] }
            return (try? OffsetCheckpoint.decode(bytes, path: name)) ?? [:]
        }
        logStarts = read(OffsetCheckpoint.logStart)
        cleanedBelow = read(StateFileVerifier.cleanerCheckpoint)
    }
}

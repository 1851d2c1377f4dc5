package import KafkaWire

/// What is known about a log before it is opened.
package struct LogOpening: Sendable {
    /// The directory was closed cleanly: nothing needs to be read but the ends.
    package var isClean: Bool
    /// From `recovery-point-offset-checkpoint`.
    package var recoveryPoint: Int64
    /// From `log-start-offset-checkpoint`.
    package var logStartOffset: Int64

    package init(isClean: Bool, recoveryPoint: Int64 = 0, logStartOffset: Int64 = 0) {
        self.isClean = isClean
        self.recoveryPoint = recoveryPoint
        self.logStartOffset = logStartOffset
    }
}

extension PartitionLog {
    /// Opens the log in `directory`, whose name is the topic, a dash and the partition; makes it if it is not there.
    ///
    /// - Parameters:
    ///   - topicID: for a new folder; an existing one must have the same id, unless it has none or this is nil.
    ///   - opening: how the log was left; without it everything is read and checked.
    package static func open(
        directory: String,
        topicPartition: TopicPartition,
        topicID: KafkaUUID? = nil,
        config: LogConfig,
        opening: LogOpening = LogOpening(isClean: false),
        fileSystem: any FileSystem = PosixFileSystem(),
        nowMs: Int64
    ) throws(StorageError) -> PartitionLog {
        let isNew = try fileSystem.status(directory) == nil
        if isNew { try fileSystem.makeDirectory(directory) }
        let (id, written) = try identify(directory, topicID, fileSystem, isNew: isNew)
        var loader = LogLoader(
            directory: directory,
            config: config,
            opening: opening,
            fileSystem: fileSystem,
            nowMs: nowMs
        )
        var state = try loader.load(isNew: isNew)
        state.folderDirty = isNew || !opening.isClean
        if written { state.unsynchronizedPath = "\(directory)/\(PartitionMetadataFile.name)" }
        return PartitionLog(
            topicPartition: topicPartition,
            topicID: id,
            directory: directory,
            fileSystem: fileSystem,
            state: state,
            recoveryReport: loader.report
        )
    }

    /// The id of the topic that the folder belongs to, and whether it was written now.
    private static func identify(
        _ directory: String,
        _ wanted: KafkaUUID?,
        _ fileSystem: any FileSystem,
        isNew: Bool
    ) throws(StorageError) -> (id: KafkaUUID, written: Bool) {
        let path = "\(directory)/\(PartitionMetadataFile.name)"
        let status = isNew ? nil : try fileSystem.status(path)
        let bytes = status != nil ? try fileSystem.readAll(path, limit: 4096) : []
        if bytes.contains(where: { $0 != 0 }), !isTorn(bytes, wanted) {
            let found = try PartitionMetadataFile.decode(bytes, path: path)
            if let wanted, wanted != found {
                throw StorageError(
                    kind: .wrongIdentity,
                    operation: "open",
                    path: directory,
                    reason: "it belongs to topic id \(found), not \(wanted)",
                    remedy: "the topic was deleted and made anew: remove the folder"
                )
            }
            return (found, false)
        }
        guard let wanted, wanted != .zero else { return (.zero, false) }
        try fileSystem.replace(path, with: PartitionMetadataFile.encode(topicID: wanted), synchronized: false)
        return (wanted, true)
    }

    /// A power cut may leave the file empty, cut short, or with zeros in the place of what was to stand there.
    private static func isTorn(_ bytes: [UInt8], _ wanted: KafkaUUID?) -> Bool {
        guard let wanted else { return false }
        let whole = PartitionMetadataFile.encode(topicID: wanted)
        return bytes.count <= whole.count && bytes != whole
            && zip(bytes, whole).allSatisfy { found, expected in found == expected || found == 0 }
    }
}

/// What is known about a partition from outside of its folder, and how a check is to go about it.
struct VerificationContext: Sendable {
    let fileSystem: any FileSystem
    /// A broker may be writing: the end of the newest segment may be incomplete, and files may go away.
    var isLive = false
    /// The directory was closed, so that nothing may be missing from indexes.
    var wasClosedCleanly = false
    /// Offsets below it may have been removed by compaction.
    var cleanedBelow: Int64 = 0
    /// Whether the records of batches are decoded, too.
    var readsRecords = true
    /// nil: where the first segment begins.
    var logStartOffset: Int64?

    init(fileSystem: any FileSystem) { self.fileSystem = fileSystem }
}

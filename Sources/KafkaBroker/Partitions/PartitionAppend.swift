import KafkaStorage

/// A batch that this broker has appended as the leader of an epoch.
struct PartitionAppend: Sendable {
    private let info: AppendInfo
    /// The offsets mean this batch only as long as this broker has led since that epoch without a break.
    let leaderEpoch: Int32

    init(_ info: AppendInfo, leaderEpoch: Int32) {
        self.info = info
        self.leaderEpoch = leaderEpoch
    }

    var baseOffset: Int64 { info.baseOffset }
    var lastOffset: Int64 { info.lastOffset }
    var logStartOffset: Int64 { info.logStartOffset }
}

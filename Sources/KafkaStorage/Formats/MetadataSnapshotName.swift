/// The name of a metadata snapshot: what of the log it stands for.
package struct MetadataSnapshotName: Hashable, Comparable, Sendable {
    package static let suffix = ".checkpoint"
    /// Suffix of a snapshot that is still being written.
    package static let partSuffix = ".checkpoint.part"

    /// The first offset that is not part of the snapshot.
    package let endOffset: Int64
    /// The leader epoch of the last record that is.
    package let epoch: Int32

    package init(endOffset: Int64, epoch: Int32) {
        self.endOffset = endOffset
        self.epoch = epoch
    }

    /// Nil if the name has another form than 20 digits, a dash, 10 digits and the suffix.
    package init?(fileName: String) {
        guard fileName.hasSuffix(Self.suffix) else { return nil }
        let parts = fileName.dropLast(Self.suffix.count).split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].utf8.count == 20, parts[1].utf8.count == 10,
            parts.allSatisfy({ $0.utf8.allSatisfy { $0 >= 0x30 && $0 <= 0x39 } }),
            let endOffset = Int64(parts[0]), let epoch = Int32(parts[1])
        else { return nil }
        self.init(endOffset: endOffset, epoch: epoch)
    }

    package var fileName: String {
        let digits = String(epoch)
        let padding = String(repeating: "0", count: max(0, 10 - digits.utf8.count))
        return LogFileName.name(endOffset, "-" + padding + digits + Self.suffix)
    }

    /// Its name while it is being written.
    var unfinishedFileName: String { fileName.dropLast(Self.suffix.count) + Self.partSuffix }

    package static func < (left: MetadataSnapshotName, right: MetadataSnapshotName) -> Bool {
        (left.endOffset, left.epoch) < (right.endOffset, right.epoch)
    }
}

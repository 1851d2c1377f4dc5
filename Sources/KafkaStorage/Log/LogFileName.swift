/// Names of the files in a partition's folder.
package enum LogFileName {
    package static let log = ".log"
    package static let offsetIndex = ".index"
    package static let timeIndex = ".timeindex"
    package static let transactionIndex = ".txnindex"
    package static let snapshot = ".snapshot"
    package static let deleted = ".deleted"
    package static let cleaned = ".cleaned"
    package static let swap = ".swap"

    /// The suffixes of all files that belong to one segment.
    package static let segmentSuffixes = [log, offsetIndex, timeIndex, transactionIndex]

    /// Offset with 20 digits, then the suffix.
    package static func name(_ offset: Int64, _ suffix: String) -> String {
        let digits = String(offset)
        return String(repeating: "0", count: max(0, 20 - digits.utf8.count)) + digits + suffix
    }

    /// The offset and the suffix of a segment file's name, or nil if the name is of another kind. The suffix may be
    /// compound, as in ".log.deleted".
    package static func parse(_ name: String) -> (offset: Int64, suffix: Substring)? {
        guard name.utf8.count > 20, name.utf8.prefix(20).allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }),
            let offset = Int64(name.prefix(20)), LogOffset.isPossible(offset)
        else { return nil }
        let suffix = name.dropFirst(20)
        return suffix.first == "." ? (offset, suffix) : nil
    }
}

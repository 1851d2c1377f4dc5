/// The lines of a small text file, or nil if its bytes are not UTF-8. A carriage return before the end of a line is
/// not part of it; an end-of-line at the end does not begin another line.
func textLines(_ bytes: [UInt8]) -> [Substring]? {
    guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
    var lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
    if lines.last?.isEmpty == true { lines.removeLast() }
    return lines
}

/// The whitespace-separated words of a line.
func words(_ line: Substring) -> [Substring] {
    line.split { $0 == " " || $0 == "\t" }
}

/// Reads the two header lines (version 0 and the count of entries) that all of Kafka's checkpoint files share, and
/// returns the entries split into words. An empty file has no entries.
func checkpointEntries(_ bytes: [UInt8], fields: Int, path: String) throws(StorageError) -> [[Substring]] {
    let remedy = "restore the file, or remove it so that it is built anew from the log"
    guard let lines = textLines(bytes) else { throw .corrupt(path, "it is not text", remedy: remedy) }
    guard let version = lines.first else { return [] }
    guard version == "0" else { throw .corrupt(path, "unknown version \"\(version)\"", remedy: remedy) }
    guard lines.count >= 2, let count = Int(lines[1]) else {
        throw .corrupt(path, "its second line is not a count", remedy: remedy)
    }
    let entries = lines.dropFirst(2)
    guard count == entries.count else {
        throw .corrupt(path, "it announces \(count) entries and holds \(entries.count)", remedy: remedy)
    }
    var result: [[Substring]] = []
    result.reserveCapacity(entries.count)
    for (number, entry) in entries.enumerated() {
        let parts = words(entry)
        guard parts.count == fields else {
            throw .corrupt(path, "entry \(number + 1) has \(parts.count) words instead of \(fields)", remedy: remedy)
        }
        result.append(parts)
    }
    return result
}

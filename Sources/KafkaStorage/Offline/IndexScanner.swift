/// Walks the entries of an index file of any size from its start.
package struct IndexScanner<Entry: IndexEntry> {
    /// Bytes of the file when it was opened.
    package let size: Int64
    /// Whole entries in the file, those among them that were preallocated and never written included.
    package var count: Int64 { size / Int64(Entry.size) }
    /// Bytes after the last whole entry: more than none only in a damaged file.
    package var unread: Int64 { size % Int64(Entry.size) }
    /// The entry that is read next, counted from 0.
    package private(set) var index: Int64 = 0

    private let file: any StorageFile
    private var block: [UInt8] = []
    private var blockStart: Int64 = 0

    private static var blockCount: Int64 { 4096 }

    package init(path: String, fileSystem: any FileSystem) throws(StorageError) {
        file = try fileSystem.open(path, mode: .readOnly)
        size = try file.size()
    }

    /// The next entry; nil after the last.
    package mutating func next() throws(StorageError) -> Entry? {
        guard let entry = try entry(at: index) else { return nil }
        index += 1
        return entry
    }

    /// Any entry; nil behind the last.
    package mutating func entry(at index: Int64) throws(StorageError) -> Entry? {
        guard index < count else { return nil }
        let width = Int64(Entry.size)
        if index * width < blockStart || (index + 1) * width > blockStart + Int64(block.count) {
            blockStart = index * width
            block = try file.readBytes(at: blockStart, count: Int(min(Self.blockCount, count - index) * width))
        }
        let offset = Int(index * width - blockStart)
        guard offset + Entry.size <= block.count else { return nil }
        return block.withUnsafeBytes { Entry($0, at: offset) }
    }
}

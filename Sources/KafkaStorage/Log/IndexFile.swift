/// The entries of one index of a segment: the older ones in its file, the newest in memory until they are worth a
/// write. No descriptor is held. A copy is a consistent view for a reader, as long as the segment is not truncated.
struct IndexFile<Entry: IndexEntry>: Sendable {
    /// So many entries gather in memory before they are written.
    static var spillCount: Int { 128 }
    /// A search in the file reads a block of this many entries once it has narrowed down to it.
    private static var blockCount: Int { 512 }

    private(set) var path: String
    /// Entries in the file.
    private(set) var storedCount: Int
    /// Entries that follow them, in memory only.
    private(set) var pending: [Entry] = []
    /// False as long as the file may not exist.
    private(set) var fileExists: Bool

    /// An index that has no file yet.
    init(creatingAt path: String) {
        self.path = path
        storedCount = 0
        fileExists = false
    }

    /// The index in an existing file of `size` bytes.
    init(existingAt path: String, size: Int64) {
        self.path = path
        storedCount = Int(size) / Entry.size
        fileExists = true
    }

    var count: Int { storedCount + pending.count }
    var needsSpill: Bool { pending.count >= Self.spillCount }

    mutating func append(_ entry: Entry) { pending.append(entry) }

    /// The file was renamed.
    mutating func move(to path: String) { self.path = path }

    func last(_ fileSystem: some FileSystem) throws(StorageError) -> Entry? {
        if let last = pending.last { return last }
        return storedCount == 0 ? nil : try stored(fileSystem, from: storedCount - 1, count: 1).first
    }

    func first(_ fileSystem: some FileSystem) throws(StorageError) -> Entry? {
        storedCount == 0 ? pending.first : try stored(fileSystem, from: 0, count: 1).first
    }

    /// Writes what is pending. After a failure everything is still pending.
    mutating func spill(_ fileSystem: some FileSystem, synchronize: Bool = false) throws(StorageError) {
        guard !pending.isEmpty || !fileExists || synchronize else { return }
        let file = try fileSystem.open(path, mode: .createOrReadWrite)
        if !pending.isEmpty {
            var bytes: [UInt8] = []
            bytes.reserveCapacity(pending.count * Entry.size)
            for entry in pending { entry.encode(into: &bytes) }
            try file.writeBytes(bytes, at: Int64(storedCount * Entry.size))
        }
        fileExists = true
        storedCount += pending.count
        pending = []
        // A longer file (preallocated by Kafka, or the rest of a failed write) would be read as more entries.
        if try file.size() != Int64(storedCount * Entry.size) { try file.truncate(to: Int64(storedCount * Entry.size)) }
        if synchronize { try file.synchronize() }
    }

    /// Forgets all entries, in memory and in the file.
    mutating func removeAll(_ fileSystem: some FileSystem) throws(StorageError) {
        try truncate(fileSystem, to: 0)
    }

    /// Keeps the first `count` entries.
    mutating func truncate(_ fileSystem: some FileSystem, to count: Int) throws(StorageError) {
        if count >= storedCount {
            pending.removeLast(max(0, self.count - count))
            return
        }
        if fileExists {
            try fileSystem.open(path, mode: .createOrReadWrite).truncate(to: Int64(count * Entry.size))
        }
        storedCount = count
        pending = []
    }

    /// The number of leading entries that satisfy `predicate`, which must hold for a prefix of the entries only, and
    /// the last of them.
    func partition(
        _ fileSystem: some FileSystem,
        where predicate: (Entry) -> Bool
    ) throws(StorageError) -> (count: Int, last: Entry?) {
        let inMemory = pending.prefixCount(where: predicate)
        if inMemory > 0 { return (storedCount + inMemory, pending[inMemory - 1]) }
        if storedCount == 0 { return (0, nil) }
        let file = try fileSystem.open(path, mode: .readOnly)
        var low = 0
        var high = storedCount
        while high - low > Self.blockCount {
            let middle = low + (high - low) / 2
            let entry = try entries(of: file, from: middle, count: 1)
            guard let entry = entry.first else { throw .corrupt(path, "it is shorter than it was") }
            if predicate(entry) { low = middle } else { high = middle }
        }
        // Of the block only the entries that the search meets are decoded.
        let block = try file.readBytes(at: Int64(low * Entry.size), count: (high - low) * Entry.size)
        let (within, last) = block.withUnsafeBytes { bytes -> (Int, Entry?) in
            var (first, end) = (0, bytes.count / Entry.size)
            var last: Entry?
            while first < end {
                let middle = first + (end - first) / 2
                let entry = Entry(bytes, at: middle * Entry.size)
                if predicate(entry) {
                    last = entry
                    first = middle + 1
                } else {
                    end = middle
                }
            }
            return (first, last)
        }
        return (low + within, last)
    }

    /// Entries from `index` to the end.
    func suffix(_ fileSystem: some FileSystem, from index: Int) throws(StorageError) -> [Entry] {
        if index >= storedCount { return Array(pending.dropFirst(index - storedCount)) }
        return try stored(fileSystem, from: index, count: storedCount - index) + pending
    }

    /// The entry at `index`, nil beyond the end.
    func entry(_ fileSystem: some FileSystem, at index: Int) throws(StorageError) -> Entry? {
        if index >= count { return nil }
        if index >= storedCount { return pending[index - storedCount] }
        return try stored(fileSystem, from: index, count: 1).first
    }

    private func stored(_ fileSystem: some FileSystem, from: Int, count: Int) throws(StorageError) -> [Entry] {
        try entries(of: fileSystem.open(path, mode: .readOnly), from: from, count: count)
    }

    private func entries(of file: any StorageFile, from: Int, count: Int) throws(StorageError) -> [Entry] {
        let bytes = try file.readBytes(at: Int64(from * Entry.size), count: count * Entry.size)
        return bytes.withUnsafeBytes { buffer in
            var entries: [Entry] = []
            entries.reserveCapacity(buffer.count / Entry.size)
            var position = 0
            while position + Entry.size <= buffer.count {
                entries.append(Entry(buffer, at: position))
                position += Entry.size
            }
            return entries
        }
    }
}

extension Array {
    /// How many leading elements satisfy a predicate that holds for a prefix only.
    func prefixCount(where predicate: (Element) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = low + (high - low) / 2
            if predicate(self[middle]) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

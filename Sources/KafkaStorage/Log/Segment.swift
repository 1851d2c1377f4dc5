import KafkaWire

/// One segment of a log: the file with the batches, its indexes, and what must be known to append to it.
///
/// A value: a copy taken under the log's lock is a view that a reader can work with after the lock is released.
struct Segment: Sendable {
    let directory: String
    let baseOffset: Int64
    /// What follows the usual names of the files: ".cleaned" as long as the segment is not part of a log.
    private(set) var suffix = ""
    /// Bytes of whole, valid batches. The file may be longer after a failed write that could not be undone.
    private(set) var size: Int64 = 0
    var offsetIndex: IndexFile<OffsetIndexEntry>
    var timeIndex: IndexFile<TimeIndexEntry>
    var transactionIndex: IndexFile<AbortedTransaction>
    /// Open while the segment is in use; nil otherwise.
    var file: (any StorageFile)?
    /// Largest timestamp of the first batch, by which the segment's age is judged.
    var firstTimestamp: Int64?
    let createdMs: Int64
    /// Largest timestamp and the last offset of the batch that has it. Nil: not loaded from the time index yet.
    var maximum: (timestamp: Int64, offset: Int64)?
    /// The index files of a closed segment are known to be on the disk. Those of the active one need not be: they are
    /// rebuilt after a crash.
    var indexesAreDurable = false
    private var bytesSinceIndexEntry = 0

    /// A segment that is empty and has no files yet.
    init(creatingIn directory: String, baseOffset: Int64, nowMs: Int64, suffix: String = "") {
        self.directory = directory
        self.baseOffset = baseOffset
        self.suffix = suffix
        createdMs = nowMs
        let path = { (kind: String) in Self.path(directory, baseOffset, kind) + suffix }
        offsetIndex = IndexFile(creatingAt: path(LogFileName.offsetIndex))
        timeIndex = IndexFile(creatingAt: path(LogFileName.timeIndex))
        transactionIndex = IndexFile(creatingAt: path(LogFileName.transactionIndex))
        maximum = (-1, baseOffset)
    }

    /// A segment whose files exist with these sizes; a nil size means that the file is missing.
    init(
        existingIn directory: String,
        baseOffset: Int64,
        logSize: Int64,
        offsetIndexSize: Int64?,
        timeIndexSize: Int64?,
        transactionIndexSize: Int64?,
        modifiedMs: Int64
    ) {
        self.init(creatingIn: directory, baseOffset: baseOffset, nowMs: modifiedMs)
        size = logSize
        maximum = nil
        if let offsetIndexSize { offsetIndex = IndexFile(existingAt: offsetIndex.path, size: offsetIndexSize) }
        if let timeIndexSize { timeIndex = IndexFile(existingAt: timeIndex.path, size: timeIndexSize) }
        if let transactionIndexSize {
            transactionIndex = IndexFile(existingAt: transactionIndex.path, size: transactionIndexSize)
        }
    }

    static func path(_ directory: String, _ baseOffset: Int64, _ suffix: String) -> String {
        "\(directory)/\(LogFileName.name(baseOffset, suffix))"
    }

    var logPath: String { Self.path(directory, baseOffset, LogFileName.log) + suffix }

    func rollDecision(jitterMs: Int64) -> RollDecision {
        RollDecision(
            baseOffset: baseOffset,
            size: size,
            firstTimestamp: firstTimestamp,
            createdMs: createdMs,
            offsetIndexCount: offsetIndex.count,
            timeIndexCount: timeIndex.count,
            jitterMs: jitterMs
        )
    }

    // MARK: Files

    /// The open file, opened now if need be.
    mutating func open(_ fileSystem: any FileSystem) throws(StorageError) -> any StorageFile {
        if let file { return file }
        let opened = try fileSystem.open(logPath, mode: .createOrReadWrite)
        file = opened
        return opened
    }

    /// The open file for a reader, which may not create it. Writable, since the log keeps it, for the next append too.
    func reader(_ fileSystem: any FileSystem) throws(StorageError) -> any StorageFile {
        if let file { return file }
        return try fileSystem.open(logPath, mode: .readWrite)
    }

    /// Writes whole batches at the end. When the write fails, the file is cut back to where it was; if that fails too,
    /// the bytes beyond `size` are overwritten by the next append, and cut by recovery after a crash.
    func write(
        _ head: UnsafeRawBufferPointer,
        _ body: UnsafeRawBufferPointer,
        to file: any StorageFile
    ) throws(StorageError) {
        do throws(StorageError) {
            try file.write(head, body, at: size)
        } catch {
            // The first failure is the one to report: what cannot be undone now is undone by the next write.
            try? file.truncate(to: size)
            throw error
        }
    }

    /// Reads what an append must know and a segment that was opened with data in it does not: the first batch's
    /// timestamp and the largest one.
    mutating func prepareForAppend(_ fileSystem: any FileSystem) throws(StorageError) {
        _ = try loadMaximum(fileSystem)
        if size > 0 { _ = try loadFirstTimestamp(fileSystem) }
    }

    /// Largest timestamp of the first batch, -1 if it has none or there is no batch.
    mutating func loadFirstTimestamp(_ fileSystem: any FileSystem) throws(StorageError) -> Int64 {
        if let firstTimestamp { return firstTimestamp }
        guard size > 0 else { return -1 }
        var cursor = BatchCursor(file: try reader(fileSystem), path: logPath, from: 0, to: size, windowSize: 0)
        let first = try cursor.next()?.header.maxTimestamp ?? -1
        firstTimestamp = first
        return first
    }

    // MARK: Bookkeeping

    /// Takes in a batch that now stands at the end of the file. Entries are added to the indexes in memory.
    mutating func noteAppended(_ header: BatchHeader, indexIntervalBytes: Int) {
        if size == 0 { firstTimestamp = header.maxTimestamp }
        let position = size
        if header.maxTimestamp > maximum?.timestamp ?? -1 { maximum = (header.maxTimestamp, header.lastOffset) }
        if bytesSinceIndexEntry > indexIntervalBytes, position <= Int64(Int32.max) {
            offsetIndex.append(
                OffsetIndexEntry(relativeOffset: relative(header.lastOffset), position: Int32(position))
            )
            addTimeIndexEntry()
            bytesSinceIndexEntry = 0
        }
        bytesSinceIndexEntry += header.sizeInBytes
        size = position + Int64(header.sizeInBytes)
    }

    private var lastTimeIndexTimestamp: Int64 = -1

    /// Adds the maximum so far to the time index unless it has not grown since the last entry.
    mutating func addTimeIndexEntry() {
        guard let maximum, maximum.timestamp > lastTimeIndexTimestamp else { return }
        timeIndex.append(TimeIndexEntry(timestamp: maximum.timestamp, relativeOffset: relative(maximum.offset)))
        lastTimeIndexTimestamp = maximum.timestamp
    }

    private func relative(_ offset: Int64) -> Int32 {
        // Fits: a segment is rolled before the distance to its base exceeds 32 bits.
        Int32(clamping: offset - baseOffset)
    }

    /// Writes index entries that have gathered. A failure does no harm: the entries stay in memory and are tried again
    /// with the next batch, and at the latest when the segment is closed.
    mutating func spillIndexesIfNeeded(_ fileSystem: any FileSystem) {
        if offsetIndex.needsSpill { try? offsetIndex.spill(fileSystem) }
        if timeIndex.needsSpill { try? timeIndex.spill(fileSystem) }
    }

    /// Completes the indexes of a segment that takes no more batches (or is closed for now): adds the final maximum to
    /// the time index and writes everything.
    mutating func sealIndexes(_ fileSystem: any FileSystem) throws(StorageError) {
        _ = try loadMaximum(fileSystem)
        addTimeIndexEntry()
        try offsetIndex.spill(fileSystem)
        try timeIndex.spill(fileSystem)
        if transactionIndex.count > 0 { try transactionIndex.spill(fileSystem) }
    }

    /// Makes the data durable.
    func synchronize(_ fileSystem: any FileSystem) throws(StorageError) {
        if size > 0 || file != nil { try reader(fileSystem).synchronize() }
    }

    /// Makes the indexes durable, as far as they were written.
    func synchronizeIndexes(_ fileSystem: any FileSystem) throws(StorageError) {
        for path in indexPaths { try fileSystem.open(path, mode: .readWrite).synchronize() }
    }

    /// The index files that are there.
    private var indexPaths: [String] {
        [
            offsetIndex.fileExists ? offsetIndex.path : nil, timeIndex.fileExists ? timeIndex.path : nil,
            transactionIndex.fileExists ? transactionIndex.path : nil,
        ].compactMap { $0 }
    }

    /// The same segment once its files, which are durable, have their usual names.
    func settled() -> Segment {
        var settled = self
        settled.suffix = ""
        settled.file = nil
        settled.offsetIndex.move(to: Self.path(directory, baseOffset, LogFileName.offsetIndex))
        settled.timeIndex.move(to: Self.path(directory, baseOffset, LogFileName.timeIndex))
        settled.transactionIndex.move(to: Self.path(directory, baseOffset, LogFileName.transactionIndex))
        settled.indexesAreDurable = true
        return settled
    }

    /// The largest timestamp and its batch's last offset: at first from the time index, and from the batches behind
    /// its last entry, of which there are few as the final maximum is entered when a segment is closed.
    mutating func loadMaximum(_ fileSystem: any FileSystem) throws(StorageError) -> (timestamp: Int64, offset: Int64) {
        if let maximum { return maximum }
        let last = try timeIndex.last(fileSystem)
        var loaded = last.map { ($0.timestamp, baseOffset + Int64($0.relativeOffset)) } ?? (-1, baseOffset)
        lastTimeIndexTimestamp = loaded.0
        if size > 0 {
            var cursor = try cursor(for: loaded.1, file: try reader(fileSystem), fileSystem)
            while let batch = try cursor.next() {
                if batch.header.maxTimestamp > loaded.0 {
                    loaded = (batch.header.maxTimestamp, batch.header.lastOffset)
                }
            }
        }
        maximum = loaded
        return loaded
    }

    /// Takes over what a copy has loaded, unless it is known by now.
    mutating func takeMaximum(of copy: Segment) {
        guard maximum == nil, size == copy.size else { return }
        maximum = copy.maximum
        lastTimeIndexTimestamp = copy.lastTimeIndexTimestamp
    }

    // MARK: Finding batches

    /// A walk over the batches from one at or before that which holds `offset`.
    ///
    /// Index files have no checksums and are believed only as far as what they point to confirms it: if no batch begins
    /// there, or one of a higher offset does, the walk begins at the start of the segment.
    func cursor(
        for offset: Int64,
        file: any StorageFile,
        _ fileSystem: any FileSystem,
        windowSize: Int = 4096
    ) throws(StorageError) -> BatchCursor {
        let start = try scanStart(for: offset, fileSystem)
        var cursor = BatchCursor(file: file, path: logPath, from: start, to: size, windowSize: windowSize)
        if start != 0, try !cursor.stands(atOrBefore: offset) {
            cursor = BatchCursor(file: file, path: logPath, from: 0, to: size, windowSize: windowSize)
        }
        return cursor
    }

    /// Reads the heads of the batches from the last indexed one at or before a byte on.
    func forEachHeader(
        from position: Int64,
        _ fileSystem: any FileSystem,
        _ body: (BatchHeader) -> Void
    ) throws(StorageError) {
        let target = Int32(clamping: position)
        let start =
            position == 0 ? nil : try offsetIndex.partition(fileSystem) { $0.position <= target }.last?.position
        var cursor = BatchCursor(
            file: try reader(fileSystem),
            path: logPath,
            from: Int64(start ?? 0),
            to: size,
            windowSize: 64 << 10
        )
        while let batch = try cursor.next() { body(batch.header) }
    }

    /// Where the offset index says that a scan for `offset` may begin.
    private func scanStart(for offset: Int64, _ fileSystem: any FileSystem) throws(StorageError) -> Int64 {
        let target = Int32(clamping: offset - baseOffset)
        do throws(StorageError) {
            let found = try offsetIndex.partition(fileSystem) { $0.relativeOffset <= target }
            return found.last.map { Int64($0.position) } ?? 0
        } catch  where error.isNotFound {
            return 0
        }
    }

    /// The start of a batch at or before `position`, as near as the index tells.
    func indexedBatchStart(atOrBefore position: Int64, _ fileSystem: any FileSystem) throws(StorageError) -> Int64 {
        let target = Int32(clamping: position)
        do throws(StorageError) {
            let found = try offsetIndex.partition(fileSystem) { $0.position <= target }
            return found.last.map { Int64($0.position) } ?? 0
        } catch  where error.isNotFound {
            return 0
        }
    }

    /// The first batch whose last offset is at least `offset`, nil if the segment has none.
    func batch(
        containing offset: Int64,
        file: any StorageFile,
        _ fileSystem: any FileSystem
    ) throws(StorageError) -> (header: BatchHeader, position: Int64)? {
        var cursor = try cursor(for: offset, file: file, fileSystem)
        while let batch = try cursor.next() {
            if batch.header.lastOffset >= offset { return batch }
        }
        return nil
    }

    // MARK: Cutting

    /// Cuts the file and the indexes so that `position`, which holds the batch of `offset`, is the end.
    mutating func cut(at position: Int64, offset: Int64, _ fileSystem: any FileSystem) throws(StorageError) {
        let target = Int32(clamping: offset - baseOffset)
        let offsets = try offsetIndex.partition(fileSystem) { $0.relativeOffset < target }
        let times = try timeIndex.partition(fileSystem) { $0.relativeOffset < target }
        let transactions = try transactionIndex.partition(fileSystem) { $0.lastOffset < offset }
        try offsetIndex.truncate(fileSystem, to: offsets.count)
        try timeIndex.truncate(fileSystem, to: times.count)
        try transactionIndex.truncate(fileSystem, to: transactions.count)
        try open(fileSystem).truncate(to: position)
        size = position
        bytesSinceIndexEntry = 0
        if position == 0 { firstTimestamp = nil }
        maximum = nil
        _ = try loadMaximum(fileSystem)
    }

    /// Empties the indexes before they are built anew from the log.
    mutating func resetForRecovery(_ fileSystem: any FileSystem) throws(StorageError) {
        try offsetIndex.removeAll(fileSystem)
        try timeIndex.removeAll(fileSystem)
        try transactionIndex.removeAll(fileSystem)
        size = 0
        bytesSinceIndexEntry = 0
        firstTimestamp = nil
        maximum = (-1, baseOffset)
        lastTimeIndexTimestamp = -1
    }
}

import KafkaWire

/// Builds producer state from the newest usable snapshot and the batches that follow it.
struct ProducerStateLoader {
    let fileSystem: any FileSystem
    let directory: String
    let nowMs: Int64
    let config: LogConfig
    /// How far before a snapshot the log is read for what the snapshot leaves out, in bytes.
    var recallBytes: Int64 = 64 << 20

    struct Loaded {
        var table: ProducerStateTable
        /// -1: no snapshot was used.
        var snapshotOffset: Int64
        /// Snapshots that could not be used, and why; they have been removed.
        var notes: [String] = []
    }

    /// The state as of `endOffset`, which must be a batch boundary within or at the end of `segments`.
    func load(segments: [Segment], upTo endOffset: Int64) throws(StorageError) -> Loaded {
        var loaded = try newestSnapshot(upTo: endOffset)
        loaded.table.removeExpired(nowMs: nowMs, expirationMs: config.producerIDExpirationMs)
        recall(before: loaded.snapshotOffset, segments, into: &loaded.table)
        let start = max(loaded.snapshotOffset, segments.first?.baseOffset ?? 0)
        guard start < endOffset else { return loaded }
        for (index, segment) in segments.enumerated() where segment.size > 0 {
            let next = index + 1 < segments.count ? segments[index + 1].baseOffset : Int64.max
            if next <= start { continue }
            if segment.baseOffset >= endOffset { break }
            let file = try segment.reader(fileSystem)
            var cursor = try segment.cursor(for: start, file: file, fileSystem, windowSize: 64 << 10)
            while let batch = try cursor.next() {
                if batch.header.lastOffset < start { continue }
                if batch.header.baseOffset >= endOffset { break }
                replay(batch.header, in: file, at: batch.position, into: &loaded.table)
            }
        }
        return loaded
    }

    /// A snapshot holds one batch of each producer. Those before it, up to five, are read back from the log: a producer
    /// that was not answered sends all that it has under way again, and would be told that it skipped some.
    private func recall(before offset: Int64, _ segments: [Segment], into table: inout ProducerStateTable) {
        guard !table.isEmpty else { return }
        var earlier: [Int64: [ProducerState.Batch]] = [:]
        var budget = recallBytes
        var wanted: [(segment: Segment, from: Int64)] = []
        for segment in segments.reversed() where segment.baseOffset < offset && budget > 0 {
            wanted.append((segment, max(0, segment.size - budget)))
            budget -= segment.size
        }
        for (segment, position) in wanted.reversed() {
            // Damage before the recovery point is no reason to refuse the log; less is recognised then.
            try? segment.forEachHeader(from: position, fileSystem) { header in
                guard header.baseOffset < offset, let batch = ProducerBatch(header, marker: nil) else { return }
                table.collect(batch, into: &earlier)
            }
        }
        table.recall(earlier)
    }

    private func replay(
        _ header: BatchHeader,
        in file: any StorageFile,
        at position: Int64,
        into table: inout ProducerStateTable
    ) {
        let slice = FileSlice(source: file, offset: position, count: header.sizeInBytes)
        let batch = ProducerBatch(header, marker: (try? slice.read()).flatMap(EndTransactionMarker.init(controlBatch:)))
        if let batch { _ = table.update(batch) }
    }

    private func newestSnapshot(upTo endOffset: Int64) throws(StorageError) -> Loaded {
        let offsets = try fileSystem.list(directory)
            .compactMap { LogFileName.parse($0) }
            .filter { $0.suffix == LogFileName.snapshot && $0.offset <= endOffset }
            .map(\.offset)
            .sorted(by: >)
        var notes: [String] = []
        for offset in offsets {
            let path = Segment.path(directory, offset, LogFileName.snapshot)
            let bytes = try fileSystem.readAll(path)
            do throws(StorageError) {
                let table = try ProducerSnapshot.decode(bytes, path: path)
                return Loaded(table: table, snapshotOffset: offset, notes: notes)
            } catch {
                notes.append("removed \(path): \(error.reason)")
                try fileSystem.removeIfPresent(path)
            }
        }
        return Loaded(table: ProducerStateTable(), snapshotOffset: -1, notes: notes)
    }
}

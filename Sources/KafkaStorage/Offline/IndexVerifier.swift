import KafkaWire

/// Compares the entries of a segment's offset and time index with the batches, one after the other as they are walked.
struct IndexVerifier {
    /// An entry and the byte of the index where it stands.
    private struct Placed<Entry> {
        let entry: Entry
        let position: Int64
    }

    private let baseOffset: Int64
    private let isActive: Bool
    private let isLive: Bool
    private let mayLag: Bool
    private let offsetPath: String
    private let timePath: String
    private var offsets: IndexScanner<OffsetIndexEntry>?
    private var times: IndexScanner<TimeIndexEntry>?
    private var nextOffset: Placed<OffsetIndexEntry>?
    private var nextTime: Placed<TimeIndexEntry>?
    private var lastOffset: OffsetIndexEntry?
    private var lastTime: TimeIndexEntry?
    /// An entry whose offset lies in a later batch than its position: an index entry for several batches at once, as
    /// followers and the cleaner write them.
    private var spanning: Placed<OffsetIndexEntry>?
    private var largestTimestamp: Int64 = -1
    private var hasOffsets = false
    private var hasTimes = false
    private(set) var report = VerificationReport()

    /// - Parameters:
    ///   - isActive: the newest segment of a log that was not closed: its indexes may lag behind or be preallocated.
    ///   - isLive: they may also be absent, or change while they are read.
    ///   - mayLag: the log was not closed: what is missing at the end of an index will be added by the next start.
    init(
        directory: String,
        baseOffset: Int64,
        isActive: Bool,
        isLive: Bool,
        mayLag: Bool,
        names: Set<String>,
        fileSystem: any FileSystem
    ) throws(StorageError) {
        self.baseOffset = baseOffset
        self.isActive = isActive
        self.isLive = isLive
        self.mayLag = mayLag
        offsetPath = Segment.path(directory, baseOffset, LogFileName.offsetIndex)
        timePath = Segment.path(directory, baseOffset, LogFileName.timeIndex)
        if names.contains(LogFileName.name(baseOffset, LogFileName.offsetIndex)) {
            offsets = try IndexScanner(path: offsetPath, fileSystem: fileSystem)
        }
        if names.contains(LogFileName.name(baseOffset, LogFileName.timeIndex)) {
            times = try IndexScanner(path: timePath, fileSystem: fileSystem)
        }
        hasOffsets = offsets != nil
        hasTimes = times != nil
        if let unread = offsets?.unread, unread > 0 { tellUnread(.offsetIndex, offsetPath, offsets?.size ?? 0, unread) }
        if let unread = times?.unread, unread > 0 { tellUnread(.timeIndex, timePath, times?.size ?? 0, unread) }
        try advanceOffsets()
        try advanceTimes()
    }

    // MARK: Batches

    /// Takes in the batch that begins at `position`; batches come in order.
    mutating func visit(_ header: RecordBatchHeader, at position: Int64) throws(StorageError) {
        if let kept = spanning, header.lastOffset >= offset(of: kept) {
            if header.lastOffset != offset(of: kept) {
                tell(kept, "names offset \(offset(of: kept)), which is not the last one of any batch")
            }
            spanning = nil
        }
        while let placed = nextOffset, Int64(placed.entry.position) <= position {
            if Int64(placed.entry.position) < position {
                tell(placed, "names byte \(placed.entry.position) of the segment, where no batch begins")
            } else if offset(of: placed) < header.lastOffset {
                tell(placed, "names offset \(offset(of: placed)) for the batch that ends with \(header.lastOffset)")
            } else if offset(of: placed) > header.lastOffset {
                spanning = placed
            }
            try advanceOffsets()
        }
        let previous = largestTimestamp
        largestTimestamp = max(largestTimestamp, header.maxTimestamp)
        while let placed = nextTime, offset(of: placed) <= header.lastOffset {
            let timestamp = placed.entry.timestamp
            if offset(of: placed) < header.baseOffset {
                tell(placed, "names offset \(offset(of: placed)), which is not in the segment")
            } else if timestamp != header.maxTimestamp {
                tell(placed, "says \(timestamp) of a batch whose latest time is \(header.maxTimestamp)")
            } else if timestamp < previous {
                tell(placed, "says that nothing before it is later than \(timestamp), but \(previous) is")
            }
            try advanceTimes()
        }
    }

    /// After the last batch. `isWhole`: every batch of the segment has been visited.
    mutating func finish(isWhole: Bool) throws(StorageError) {
        if let kept = spanning { tell(kept, "names offset \(offset(of: kept)), which the segment does not hold") }
        while let placed = nextOffset {
            tell(placed, "names byte \(placed.entry.position) of the segment, where no batch begins")
            try advanceOffsets()
        }
        while let placed = nextTime {
            tell(placed, "names offset \(offset(of: placed)), which is not in the segment")
            try advanceTimes()
        }
        guard isWhole, !mayLag, largestTimestamp >= 0 else { return }
        for (kind, path, isThere) in [
            (Finding.Kind.offsetIndex, offsetPath, hasOffsets), (.timeIndex, timePath, hasTimes),
        ] where !isThere {
            report.add(Finding(kind, path: path, "the file is missing; the next start of a broker builds it anew"))
        }
        if let times, lastTime?.timestamp != largestTimestamp {
            report.add(
                Finding(
                    .timeIndex,
                    path: timePath,
                    position: times.size,
                    "its last entry should say \(largestTimestamp), the latest time of the segment"
                )
            )
        }
    }

    // MARK: Entries

    private func offset(of placed: Placed<OffsetIndexEntry>) -> Int64 {
        baseOffset &+ Int64(placed.entry.relativeOffset)
    }

    private func offset(of placed: Placed<TimeIndexEntry>) -> Int64 {
        baseOffset &+ Int64(placed.entry.relativeOffset)
    }

    private mutating func advanceOffsets() throws(StorageError) {
        lastOffset = nextOffset?.entry ?? lastOffset
        nextOffset = nil
        let position = (offsets?.index ?? 0) * Int64(OffsetIndexEntry.size)
        guard let entry = try offsets?.next() else { return }
        if entry.position == 0 && entry.relativeOffset == 0, position > 0 {
            return tellPreallocated(.offsetIndex, offsetPath, position)
        }
        let placed = Placed(entry: entry, position: position)
        if entry.relativeOffset > lastOffset?.relativeOffset ?? -1, entry.position > lastOffset?.position ?? -1 {
            nextOffset = placed
        } else {
            // What follows a disorder cannot be walked along with the batches.
            tell(placed, "does not rise above the entry before it")
            offsets = nil
        }
    }

    private mutating func advanceTimes() throws(StorageError) {
        lastTime = nextTime?.entry ?? lastTime
        nextTime = nil
        let position = (times?.index ?? 0) * Int64(TimeIndexEntry.size)
        guard let entry = try times?.next() else { return }
        if entry.timestamp == 0 && entry.relativeOffset == 0, position > 0 {
            return tellPreallocated(.timeIndex, timePath, position)
        }
        let placed = Placed(entry: entry, position: position)
        if entry.relativeOffset >= lastTime?.relativeOffset ?? 0, entry.timestamp >= lastTime?.timestamp ?? .min {
            nextTime = placed
        } else {
            tell(placed, "does not rise above the entry before it")
            times = nil
        }
    }

    // MARK: Findings

    private mutating func tell(_ placed: Placed<OffsetIndexEntry>, _ message: String) {
        report.add(
            Finding(
                .offsetIndex,
                path: offsetPath,
                position: placed.position,
                offset: offset(of: placed),
                "the entry \(message)"
            )
        )
    }

    private mutating func tell(_ placed: Placed<TimeIndexEntry>, _ message: String) {
        report.add(
            Finding(
                .timeIndex,
                path: timePath,
                position: placed.position,
                offset: offset(of: placed),
                "the entry \(message)"
            )
        )
    }

    private mutating func tellUnread(_ kind: Finding.Kind, _ path: String, _ size: Int64, _ unread: Int64) {
        report.add(
            Finding(
                kind,
                isFault: !isLive,
                path: path,
                position: size - unread,
                "\(unread) bytes follow the last whole entry"
            )
        )
    }

    private mutating func tellPreallocated(_ kind: Finding.Kind, _ path: String, _ position: Int64) {
        report.add(
            Finding(
                kind,
                isFault: !isActive,
                path: path,
                position: position,
                "from here on it was preallocated and never written"
            )
        )
    }
}

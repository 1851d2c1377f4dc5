import KafkaWire

/// Walks one segment with its indexes, and goes on behind damage where it can.
struct SegmentVerifier {
    let directory: String
    let baseOffset: Int64
    /// The last segment of the log, to which a broker appends.
    let isLast: Bool
    /// The names of all files in the folder.
    let names: Set<String>
    let context: VerificationContext

    private var path: String { Segment.path(directory, baseOffset, LogFileName.log) }
    /// Its indexes may lag behind, and its end be incomplete.
    private var isActive: Bool { isLast && !context.wasClosedCleanly }

    init(
        directory: String,
        baseOffset: Int64,
        isLast: Bool,
        names: Set<String>,
        context: VerificationContext
    ) {
        self.directory = directory
        self.baseOffset = baseOffset
        self.isLast = isLast
        self.names = names
        self.context = context
    }

    func run(_ log: inout LogVerifier) throws(StorageError) {
        // Opened before the segment: what they name is then there, even if a broker appends.
        var indexes = try IndexVerifier(
            directory: directory,
            baseOffset: baseOffset,
            isActive: isActive,
            isLive: context.isLive,
            mayLag: !context.wasClosedCleanly,
            names: names,
            fileSystem: context.fileSystem
        )
        let transactions = try transactionIndex()
        var scanner = try BatchScanner(path: path, fileSystem: context.fileSystem)
        log.beginSegment(baseOffset, path: path)
        var isWhole = true
        walk: while true {
            let start = scanner.position
            switch try scanner.next() {
            case .batch(let batch, let position):
                let isSound = try visit(batch, at: position, &scanner, &log, &indexes)
                isWhole = isWhole && isSound
            case .damage(let reason):
                isWhole = false
                guard try resume(from: start, reason, &scanner, &log) else { break walk }
            case .end(unread: 0): break walk
            case .end(let unread):
                isWhole = false
                guard try resume(fromTail: unread, at: start, &scanner, &log) else { break walk }
            }
        }
        try indexes.finish(isWhole: isWhole)
        for finding in indexes.report.findings { log.add(finding) }
        if isWhole { compare(transactions, &log) }
    }

    // MARK: Batches

    /// Returns whether the batch is sound.
    private func visit(
        _ batch: RecordBatchView,
        at position: Int64,
        _ scanner: inout BatchScanner,
        _ log: inout LogVerifier,
        _ indexes: inout IndexVerifier
    ) throws(StorageError) -> Bool {
        guard let fault = Self.checksumFault(of: batch) else {
            log.visit(batch, at: position)
            try indexes.visit(batch.header, at: position)
            return true
        }
        if context.isLive, isLast, let again = try reread(position), again.isChecksumValid {
            // It was being written when it was read.
            log.visit(again, at: position)
            try indexes.visit(again.header, at: position)
            return true
        }
        let offset = log.isPossible(batch.header) ? batch.header.baseOffset : nil
        log.add(Finding(.checksum, path: path, position: position, offset: offset, fault))
        log.skipDamage()
        // Its length may be what is wrong: then what follows it is no batch, and the next one is looked for.
        let isJoined = try scanner.position == scanner.end ? true : isBatch(at: scanner.position)
        if isJoined {
            try indexes.visit(batch.header, at: position)
            return false
        }
        scanner.move(to: position + 1)
        if try !scanner.resume(where: log.isPossible) { scanner.move(to: scanner.end) }
        return false
    }

    private static func checksumFault(of batch: RecordBatchView) -> String? {
        do throws(RecordError) {
            try batch.validateChecksum()
            return nil
        } catch {
            return error.description
        }
    }

    private func reread(_ position: Int64) throws(StorageError) -> RecordBatchView? {
        var scanner = try BatchScanner(path: path, fileSystem: context.fileSystem)
        scanner.move(to: position)
        guard case .batch(let batch, _) = try scanner.next() else { return nil }
        return batch
    }

    private func isBatch(at position: Int64) throws(StorageError) -> Bool {
        var scanner = try BatchScanner(path: path, fileSystem: context.fileSystem)
        scanner.move(to: position)
        guard case .batch(let batch, _) = try scanner.next() else { return false }
        return batch.isChecksumValid
    }

    // MARK: Damage

    private func resume(
        from start: Int64,
        _ reason: String,
        _ scanner: inout BatchScanner,
        _ log: inout LogVerifier
    ) throws(StorageError) -> Bool {
        scanner.move(to: start + 1)
        let isFound = try scanner.resume(where: log.isPossible)
        let rest =
            isFound
            ? "the next whole batch begins at byte \(scanner.position)"
            : "no whole batch follows to the end of the file"
        log.add(Finding(.batch, path: path, position: start, offset: log.nextOffset, "\(reason); \(rest)"))
        log.skipDamage()
        return isFound
    }

    /// A batch that does not end within the file.
    private func resume(
        fromTail unread: Int64,
        at start: Int64,
        _ scanner: inout BatchScanner,
        _ log: inout LogVerifier
    ) throws(StorageError) -> Bool {
        scanner.move(to: start + 1)
        if try scanner.resume(where: log.isPossible) {
            log.add(
                Finding(
                    .batch,
                    path: path,
                    position: start,
                    offset: log.nextOffset,
                    "the batch claims to reach beyond the file; the next whole batch begins at byte \(scanner.position)"
                )
            )
            log.skipDamage()
            return true
        }
        let message =
            context.isLive && isLast
            ? "the last \(unread) bytes are being written: a broker has the directory open"
            : isLast
                ? "the last \(unread) bytes are no whole batch; the next start of a broker cuts them off"
                : "the last \(unread) bytes are no whole batch, though another segment follows"
        log.add(
            Finding(
                .batch,
                isFault: !(context.isLive && isLast),
                path: path,
                position: start,
                offset: log.nextOffset,
                message
            )
        )
        return false
    }

    // MARK: Aborted transactions

    private func transactionIndex() throws(StorageError) -> [AbortedTransaction] {
        guard names.contains(LogFileName.name(baseOffset, LogFileName.transactionIndex)) else { return [] }
        let path = Segment.path(directory, baseOffset, LogFileName.transactionIndex)
        var scanner = try IndexScanner<AbortedTransaction>(path: path, fileSystem: context.fileSystem)
        var entries: [AbortedTransaction] = []
        while entries.count < Self.mostTransactions, let entry = try scanner.next() { entries.append(entry) }
        return entries
    }

    /// More than this in one segment are not compared.
    private static let mostTransactions = 1_000_000

    private func compare(_ entries: [AbortedTransaction], _ log: inout LogVerifier) {
        let indexPath = Segment.path(directory, baseOffset, LogFileName.transactionIndex)
        var expected = log.producers.aborted[...]
        let strays = log.producers.strayAborts
        for (index, entry) in entries.enumerated() {
            let add = { (log: inout LogVerifier, message: String) in
                log.add(
                    Finding(
                        .transactionIndex,
                        path: indexPath,
                        position: Int64(index * AbortedTransaction.size),
                        offset: entry.lastOffset,
                        message
                    )
                )
            }
            while let first = expected.first, first.lastOffset < entry.lastOffset {
                add(
                    &log,
                    "the transaction of producer \(first.producerID) aborted at offset \(first.lastOffset) is missing before the entry"
                )
                expected.removeFirst()
            }
            if entry.version != 0 { add(&log, "the entry has the unknown version \(entry.version)") }
            if let first = expected.first, first.lastOffset == entry.lastOffset {
                expected.removeFirst()
                if log.isCompacted {
                    // Where the transaction began may have been removed.
                } else if AbortedTransaction(first) != entry, entry.version == 0 {
                    add(
                        &log,
                        "the entry says producer \(entry.producerID) from offset \(entry.firstOffset), stable to "
                            + "\(entry.lastStableOffset); it was producer \(first.producerID) from \(first.firstOffset), "
                            + "stable to \(first.lastStableOffset)"
                    )
                }
            } else if strays[entry.lastOffset] != entry.producerID, !(log.isCompacted && entry.lastOffset >= baseOffset)
            {
                add(&log, "no transaction of producer \(entry.producerID) was aborted at offset \(entry.lastOffset)")
            }
        }
        guard context.wasClosedCleanly else { return }
        for missing in expected {
            log.add(
                Finding(
                    .transactionIndex,
                    path: indexPath,
                    position: Int64(entries.count * AbortedTransaction.size),
                    offset: missing.lastOffset,
                    "the transaction of producer \(missing.producerID) aborted at offset \(missing.lastOffset) is missing"
                )
            )
        }
    }
}

import KafkaMessages
import KafkaWire
import NIOCore

/// Checks that the batches of a log follow each other: offsets, leader epochs, records, producers. Keeps what must be
/// known of a segment for the next one.
struct LogVerifier {
    private(set) var report = VerificationReport()
    private(set) var producers = ProducerVerifier()
    /// The offset that must come next; nil before the first batch, and after damage.
    private(set) var nextOffset: Int64?
    private(set) var isCompacted: Bool
    private(set) var largestTimestamp: Int64 = -1

    private let context: VerificationContext
    private let epochs: LeaderEpochCache?
    /// Records are those of the cluster's metadata, which can be read.
    private let holdsMetadata: Bool
    private var lastEpoch: Int32 = -1
    private var lastOffset: Int64 = -1
    private var hasSkipped = false
    private var snapshots: ArraySlice<(offset: Int64, path: String)> = []
    private var unknownTypes: Set<String> = []
    private var path = ""
    private var baseOffset: Int64 = 0

    init(context: VerificationContext, epochs: LeaderEpochCache?, holdsMetadata: Bool) {
        self.context = context
        self.epochs = epochs
        self.holdsMetadata = holdsMetadata
        isCompacted = context.cleanedBelow == .max
    }

    mutating func startLate(with snapshot: [(producerID: Int64, state: ProducerState)]?) {
        producers.startLate(with: snapshot)
    }

    // MARK: Segments

    mutating func beginSegment(_ baseOffset: Int64, path: String) {
        self.path = path
        self.baseOffset = baseOffset
        report.segments += 1
        producers.beginSegment(timeMs: largestTimestamp)
        if let nextOffset, baseOffset != nextOffset {
            if baseOffset < nextOffset {
                add(
                    .offsets,
                    0,
                    baseOffset,
                    "the segment begins below offset \(nextOffset), where the one before it ends"
                )
            } else if !mayLack(upTo: baseOffset) {
                add(.offsets, 0, baseOffset, "offsets \(nextOffset) to \(baseOffset - 1) are missing before it")
            }
        }
        nextOffset = max(nextOffset ?? baseOffset, baseOffset)
    }

    /// Something was passed over that could not be read: what follows it need not join on.
    mutating func skipDamage() {
        nextOffset = nil
        hasSkipped = true
    }

    /// Snapshots to compare with, by rising offset, once the walk has come to where they were taken.
    mutating func willCompare(with snapshots: [(offset: Int64, path: String)]) { self.snapshots = snapshots[...] }

    /// After the last batch: where the log ends.
    mutating func finish() -> Int64 {
        let end = nextOffset ?? lastOffset + 1
        compareSnapshots(upTo: end)
        for (offset, path) in snapshots where !context.isLive {
            report.add(
                Finding(.snapshot, path: path, offset: offset, "it lies beyond the end of the log, which is \(end)")
            )
        }
        return end
    }

    private mutating func compareSnapshots(upTo offset: Int64) {
        while let (at, path) = snapshots.first, at <= offset {
            snapshots.removeFirst()
            let entries: [(producerID: Int64, state: ProducerState)]
            do throws(StorageError) {
                entries = try ProducerSnapshot.entries(try context.fileSystem.readAll(path), path: path)
            } catch {
                let isExcused = context.isLive && error.isNotFound
                if !isExcused { report.add(Finding(.snapshot, path: path, offset: at, error.reason)) }
                continue
            }
            // After damage the walk may not have seen what the snapshot knows.
            guard !hasSkipped else { continue }
            for (entry, message) in producers.differences(from: entries, at: at, mayLackBatches: mayLack(upTo: at)) {
                let position = Int64(ProducerSnapshot.headerSize + entry * ProducerSnapshot.entrySize)
                report.add(Finding(.snapshot, path: path, position: position, offset: at, message))
            }
        }
    }

    // MARK: Batches

    /// Takes in a batch whose checksum is right.
    mutating func visit(_ batch: RecordBatchView, at position: Int64) {
        let header = batch.header
        report.batches += 1
        report.bytes += Int64(batch.sizeInBytes)
        guard header.magic < 2 || isPossible(header) else {
            add(.offsets, position, header.baseOffset, "its offsets are not possible in this segment")
            nextOffset = nil
            return
        }
        compareSnapshots(upTo: header.baseOffset)
        if Int64(header.recordCount) != Int64(header.lastOffsetDelta) + 1, header.magic == 2 { isCompacted = true }
        checkOffsets(header, position)
        checkEpoch(header, position)
        if context.readsRecords { checkRecords(of: batch, position) }
        let mayLack = mayLack(upTo: header.baseOffset) || hasSkipped
        if let fault = producers.visit(header, of: batch, mayLackBatches: mayLack) {
            add(.producer, position, header.baseOffset, fault)
        }
        nextOffset = max(nextOffset ?? 0, header.nextOffset)
        lastOffset = max(lastOffset, header.lastOffset)
        largestTimestamp = max(largestTimestamp, header.maxTimestamp)
    }

    /// The header names offsets that a batch of this segment can have.
    func isPossible(_ header: RecordBatchHeader) -> Bool {
        header.baseOffset >= baseOffset && header.lastOffsetDelta >= 0 && header.recordCount >= 0
            && Int64(header.recordCount) <= Int64(header.lastOffsetDelta) + 1
            && LogOffset.isPossible(header.baseOffset)
            && header.lastOffset - baseOffset <= Int64(Int32.max)
    }

    private func mayLack(upTo offset: Int64) -> Bool { isCompacted || offset <= context.cleanedBelow }

    private mutating func checkOffsets(_ header: RecordBatchHeader, _ position: Int64) {
        guard let nextOffset, header.magic == 2 else { return }
        if header.baseOffset < nextOffset {
            add(
                .offsets,
                position,
                header.baseOffset,
                "the batch begins at offset \(header.baseOffset), not \(nextOffset)"
            )
        } else if header.baseOffset > nextOffset, !mayLack(upTo: header.baseOffset) {
            add(
                .offsets,
                position,
                header.baseOffset,
                "offsets \(nextOffset) to \(header.baseOffset - 1) are missing before it"
            )
        }
    }

    private mutating func checkEpoch(_ header: RecordBatchHeader, _ position: Int64) {
        let epoch = header.partitionLeaderEpoch
        guard header.magic == 2, epoch >= 0 else { return }
        if epoch < lastEpoch {
            add(
                .epoch,
                position,
                header.baseOffset,
                "its leader epoch is \(epoch), that of a batch before it \(lastEpoch)"
            )
            return
        }
        let before = lastEpoch
        lastEpoch = epoch
        guard let epochs, let latest = epochs.latest else { return }
        // A broker that runs may have begun a new epoch since its file was read.
        if context.isLive, epoch > latest.epoch { return }
        guard let known = epochs.epoch(at: header.baseOffset) else {
            if header.baseOffset >= context.logStartOffset ?? baseOffset {
                add(
                    .epoch,
                    position,
                    header.baseOffset,
                    "its leader epoch is \(epoch), but \(LeaderEpochCache.fileName) begins behind it"
                )
            }
            return
        }
        guard known != epoch else { return }
        // Else every batch after it would be told as well.
        lastEpoch = before
        add(
            .epoch,
            position,
            header.baseOffset,
            "its leader epoch is \(epoch), but \(known) according to \(LeaderEpochCache.fileName)"
        )
    }

    // MARK: Records

    private mutating func checkRecords(of batch: RecordBatchView, _ position: Int64) {
        let header = batch.header
        var count = 0
        var previous = header.magic == 2 ? header.baseOffset - 1 : (nextOffset ?? 0) - 1
        var fault: String?
        var notes: [String] = []
        let isMetadata = holdsMetadata && !header.isControl
        do throws(RecordError) {
            try batch.forEachRecord { record in
                count += 1
                if record.offset <= previous || record.offset > header.lastOffset {
                    fault = "record \(count - 1) of the batch bears the offset \(record.offset)"
                    return false
                }
                previous = record.offset
                guard isMetadata else { return true }
                switch Self.metadataFault(record) {
                case .success: break
                case .failure(let failure) where failure.isUnknown: notes.append(failure.text)
                case .failure(let failure): fault = "record \(count - 1) of the batch is no metadata: \(failure.text)"
                }
                return fault == nil
            }
        } catch {
            fault = error.description
        }
        report.records += count
        if let fault { add(.records, position, header.baseOffset, fault) }
        for note in notes where unknownTypes.insert(note).inserted {
            report.add(
                Finding(.records, isFault: false, path: path, position: position, offset: header.baseOffset, note)
            )
        }
    }

    private struct MetadataFault: Error {
        var text: String
        /// Written by a newer release, as far as one can tell.
        var isUnknown: Bool
    }

    private static func metadataFault(_ record: RawRecord) -> Result<Void, MetadataFault> {
        guard let value = record.value else {
            return .failure(MetadataFault(text: "it has no value", isUnknown: false))
        }
        do throws(WireError) {
            _ = try MetadataRecord(decoding: ByteBuffer(bytes: value))
            return .success(())
        } catch {
            switch error {
            case .unknownRecordType, .unsupportedVersion:
                return .failure(MetadataFault(text: "the metadata cannot all be read here: \(error)", isUnknown: true))
            default: return .failure(MetadataFault(text: error.description, isUnknown: false))
            }
        }
    }

    // MARK: Findings

    mutating func add(_ finding: Finding) { report.add(finding) }

    private mutating func add(_ kind: Finding.Kind, _ position: Int64, _ offset: Int64, _ message: String) {
        report.add(Finding(kind, path: path, position: position, offset: offset, message))
    }
}

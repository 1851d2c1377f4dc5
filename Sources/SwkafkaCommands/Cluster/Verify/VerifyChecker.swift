/// Looks through a history for promises that were not kept.
///
/// For each partition: what was acknowledged is there, at its offset; a producer's records are in their order, and none
/// is there twice; whatever a reader saw, at any time, is still there, and it was given everything in order; of a
/// transaction all or nothing is shown to readers of committed records; all replicas have the same bytes up to the high
/// watermark.
struct VerifyChecker {
    let topic: String
    let history: VerifyHistory

    /// Nobody reads more.
    static let most = 100

    private var found: [VerifyViolation] = []

    private init(_ topic: String, _ history: VerifyHistory) {
        self.topic = topic
        self.history = history
    }

    /// The violations, the gravest kinds first.
    static func check(_ history: VerifyHistory, topic: String) -> [VerifyViolation] {
        var checker = VerifyChecker(topic, history)
        checker.checkLogs()
        checker.checkAcknowledged()
        checker.checkTransactions()
        checker.checkReaders()
        checker.checkReplicas()
        let rank = Dictionary(
            uniqueKeysWithValues: VerifyViolation.Kind.allCases.enumerated().map { ($0.element, $0.offset) }
        )
        return checker.found.enumerated()
            .sorted { (rank[$0.element.kind] ?? 0, $0.offset) < (rank[$1.element.kind] ?? 0, $1.offset) }
            .map(\.element)
    }

    private mutating func report(_ kind: VerifyViolation.Kind, _ text: String) {
        guard found.count(where: { $0.kind == kind }) < Self.most else { return }
        found.append(VerifyViolation(kind: kind, text: text))
    }

    private func place(_ partition: Int32, _ offset: Int64) -> String { "offset \(offset) of \(topic)-\(partition)" }

    private static func words(_ sighting: VerifyHistory.Sighting?) -> String {
        guard let sighting else { return "nothing" }
        return sighting.record.map { "\($0)" } ?? "something that nobody wrote, or that is damaged"
    }

    private static func find(_ offset: Int64, in sightings: [VerifyHistory.Sighting]) -> VerifyHistory.Sighting? {
        var (low, high) = (0, sightings.count)
        while low < high {
            let middle = (low + high) / 2
            if sightings[middle].offset < offset { low = middle + 1 } else { high = middle }
        }
        return low < sightings.count && sightings[low].offset == offset ? sightings[low] : nil
    }

    // MARK: What is there

    private mutating func checkLogs() {
        var places: [VerifyRecord: String] = [:]
        for (partition, sightings) in history.all.sorted(by: { $0.key < $1.key }) {
            var last: [Int32: VerifyHistory.Sighting] = [:]
            for sighting in sightings {
                let here = place(partition, sighting.offset)
                guard let record = sighting.record, isWritten(record) else {
                    report(.damaged, "\(here) has \(Self.words(sighting)), which was not written so.")
                    continue
                }
                if let other = places.updateValue(here, forKey: record) {
                    report(.twice, "\(record) is at \(other) and at \(here).")
                } else if let before = last[record.producer], let earlier = before.record,
                    earlier.number > record.number
                {
                    report(.reordered, "\(record) is at \(here), after \(earlier) at offset \(before.offset).")
                }
                last[record.producer] = sighting
            }
        }
    }

    private func isWritten(_ record: VerifyRecord) -> Bool {
        guard let writes = history.writes[record.producer], writes.indices.contains(Int(record.number)) else {
            return false
        }
        return writes[Int(record.number)].transaction == record.transaction
    }

    private mutating func checkAcknowledged() {
        for (producer, writes) in history.writes.sorted(by: { $0.key < $1.key }) {
            for (number, write) in writes.enumerated() {
                guard case .acknowledged(let partition, let offset) = write.fate else { continue }
                let record = VerifyRecord(producer: producer, number: Int64(number), transaction: write.transaction)
                let there = Self.find(offset, in: history.all[partition] ?? [])
                guard there?.record != record else { continue }
                report(
                    .lost,
                    "\(record) was acknowledged at \(place(partition, offset)), where \(Self.words(there)) is."
                )
            }
        }
    }

    // MARK: Transactions

    private mutating func checkTransactions() {
        var visible: Set<VerifyRecord> = []
        for (partition, sightings) in history.committed.sorted(by: { $0.key < $1.key }) {
            for sighting in sightings {
                guard let record = sighting.record else { continue }
                visible.insert(record)
                checkAborted(record, partition, sighting.offset, "Readers of committed records")
                if Self.find(sighting.offset, in: history.all[partition] ?? [])?.record != record {
                    report(
                        .vanished,
                        "\(record) at \(place(partition, sighting.offset)) is shown to some readers only."
                    )
                }
            }
        }
        var shown: [Int64: (shown: VerifyRecord?, hidden: VerifyRecord?)] = [:]
        for (producer, writes) in history.writes.sorted(by: { $0.key < $1.key }) {
            for (number, write) in writes.enumerated() where write.fate != .uncertain {
                let record = VerifyRecord(producer: producer, number: Int64(number), transaction: write.transaction)
                let isShown = visible.contains(record)
                guard let transaction = write.transaction else {
                    if !isShown {
                        report(.hidden, "\(record) is acknowledged and not shown to readers of committed records.")
                    }
                    continue
                }
                var parts = shown[transaction] ?? (nil, nil)
                if isShown { parts.shown = parts.shown ?? record } else { parts.hidden = parts.hidden ?? record }
                shown[transaction] = parts
            }
        }
        for (transaction, parts) in shown.sorted(by: { $0.key < $1.key }) {
            if let hidden = parts.hidden, history.transactions[transaction] == .committed {
                report(.hidden, "\(hidden), which is committed, is not shown to readers of committed records.")
            } else if let one = parts.shown, let other = parts.hidden {
                report(.torn, "\(one) is shown to readers of committed records, and \(other) is not.")
            }
        }
    }

    private mutating func checkAborted(_ record: VerifyRecord, _ partition: Int32, _ offset: Int64, _ who: String) {
        guard let transaction = record.transaction, history.transactions[transaction] == .aborted else { return }
        report(.abortedSeen, "\(who) saw \(record) at \(place(partition, offset)), which was aborted.")
    }

    // MARK: Readers

    private mutating func checkReaders() {
        for reader in history.readers {
            for (partition, sightings) in reader.sightings.sorted(by: { $0.key < $1.key }) {
                checkSightings(sightings, partition, reader)
            }
            for complaint in reader.complaints { report(.readerFailed, "\(reader.name) failed: \(complaint)") }
            for (partition, position) in reader.stuckAt.sorted(by: { $0.key < $1.key }) {
                let end = history.highWatermarks[partition] ?? -1
                report(
                    .stuck,
                    "\(reader.name) does not get beyond \(place(partition, position)), which ends at \(end)."
                )
            }
        }
        for (partition, offset) in history.stableOffsets.sorted(by: { $0.key < $1.key }) {
            report(.stuck, "a transaction that begins at \(place(partition, offset)) does not end.")
        }
    }

    private mutating func checkSightings(
        _ sightings: [VerifyHistory.Sighting],
        _ partition: Int32,
        _ reader: VerifyHistory.Reader
    ) {
        let all = history.all[partition] ?? []
        let due = reader.readsCommitted ? history.committed[partition] ?? [] : all
        var next = 0
        var last: Int64 = -1
        for sighting in sightings {
            let here = place(partition, sighting.offset)
            if let record = sighting.record, reader.readsCommitted {
                checkAborted(record, partition, sighting.offset, reader.name)
            }
            guard sighting.offset > last else {
                report(.repeated, "\(reader.name) was given \(here) after offset \(last).")
                continue
            }
            last = sighting.offset
            let there = Self.find(sighting.offset, in: all)
            if there != sighting {
                report(
                    .vanished,
                    "\(reader.name) saw \(Self.words(sighting)) at \(here), where \(Self.words(there)) is."
                )
            }
            while next < due.count, due[next].offset < sighting.offset {
                report(
                    .skipped,
                    "\(reader.name) was not given \(Self.words(due[next])) at \(place(partition, due[next].offset))."
                )
                next += 1
            }
            if next < due.count, due[next].offset == sighting.offset { next += 1 }
        }
    }

    // MARK: Replicas

    private mutating func checkReplicas() {
        for (partition, replicas) in history.replicas.sorted(by: { $0.key < $1.key }) {
            let sorted = replicas.sorted { $0.key < $1.key }
            guard let first = sorted.first else { continue }
            for other in sorted.dropFirst() where other.value != first.value {
                let index = zip(first.value, other.value).enumerated().first { $0.element.0 != $0.element.1 }?.offset
                let common = min(first.value.count, other.value.count)
                report(
                    .replicasDiffer,
                    "\(topic)-\(partition): broker \(first.key) has \(Self.batch(first.value, index ?? common)) and "
                        + "broker \(other.key) \(Self.batch(other.value, index ?? common))."
                )
            }
            let end = first.value.last?.nextOffset ?? 0
            if let highWatermark = history.highWatermarks[partition], end != highWatermark {
                report(
                    .replicasDiffer,
                    "\(topic)-\(partition): broker \(first.key) has batches up to \(end), not to the high watermark "
                        + "\(highWatermark)."
                )
            }
        }
    }

    private static func batch(_ batches: [VerifyHistory.StoredBatch], _ index: Int) -> String {
        guard batches.indices.contains(index) else { return "no batch there" }
        let batch = batches[index]
        return "a batch of \(batch.bytes) bytes at offset \(batch.baseOffset) with checksum \(batch.checksum)"
    }
}

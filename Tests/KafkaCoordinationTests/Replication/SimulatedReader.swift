@testable import KafkaCoordination

/// A reader of committed records, who must never see one change or vanish.
struct SimulatedReader {
    private(set) var position: Int64 = 0
    /// What was read last.
    private var seen: [Int64: SimulatedLog.Record] = [:]

    /// After an unclean election all bets are off.
    mutating func forgetEverything() {
        seen = [:]
        position = 0
    }

    /// Reads on, or now and then once more from a while ago; returns what is wrong.
    mutating func read(_ partition: SimulatedBroker.Partition) -> String? {
        let limit = partition.replica.highWatermark
        if position < partition.log.start { position = partition.log.start }
        guard position < limit else {
            // This replica knows less, or there is no more: look again at the newest that is known.
            position = max(partition.log.start, limit - 2)
            return nil
        }
        for offset in position..<min(limit, position + 3) {
            guard let record = partition.log[offset] else { return "nothing is at \(offset) below \(limit)" }
            if let known = seen[offset], known != record {
                return "record \(record.id) is at \(offset), where record \(known.id) was"
            }
            seen[offset] = record
            position = offset + 1
        }
        return nil
    }
}

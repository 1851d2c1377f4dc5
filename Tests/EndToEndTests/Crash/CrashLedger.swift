import KafkaClient
import Synchronization

/// What brokers have acknowledged, and who waits for more of it.
final class CrashLedger: Sendable {
    private struct State {
        /// The offsets of each stream's records, in the order of their numbers.
        var offsets: [CrashStream: [Int64]] = [:]
        var count = 0
        var failures: [String] = []
        var isAbandoned = false
        var waiter: (goal: Int, continuation: CheckedContinuation<Bool, Never>)?
    }

    private let state = Mutex(State())

    var count: Int { state.withLock { $0.count } }
    var offsets: [CrashStream: [Int64]] { state.withLock { $0.offsets } }
    var failures: [String] { state.withLock { $0.failures } }

    /// Reports come in order per producer and partition.
    func add(_ report: DeliveryReport, from producer: Int32) {
        change { state in
            let stream = CrashStream(producer: producer, partition: report.partition)
            switch report.baseOffset {
            case .success(let base):
                state.offsets[stream, default: []] += base..<base + Int64(report.recordCount)
                state.count += report.recordCount
            case .failure(let error):
                state.failures.append("\(stream), \(report.recordCount) records: \(error)")
            }
        }
    }

    /// Ends waiting, now and later.
    func abandon() {
        change { $0.isAbandoned = true }
    }

    /// Waits until `goal` records are acknowledged altogether; false when it is no use. One task may wait at a time.
    func reaches(_ goal: Int) async -> Bool {
        await withCheckedContinuation { continuation in
            change { $0.waiter = (goal, continuation) }
        }
    }

    private func change(_ body: (inout State) -> Void) {
        let answer: (CheckedContinuation<Bool, Never>, Bool)? = state.withLock { state in
            body(&state)
            guard let waiter = state.waiter else { return nil }
            let isReached = state.count >= waiter.goal && state.failures.isEmpty
            guard isReached || state.isAbandoned || !state.failures.isEmpty else { return nil }
            state.waiter = nil
            return (waiter.continuation, isReached)
        }
        answer?.0.resume(returning: answer?.1 == true)
    }
}

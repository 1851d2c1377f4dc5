import KafkaCoordination
import KafkaMessages
import Synchronization

/// Sends what this broker's partitions propose for their ISR to the controller: all that wait in one request, and one
/// request at a time.
final class InSyncSender: Sendable {
    private struct Waiting {
        var partition: Partition
        var proposal: InSyncProposal
    }

    private struct State {
        var waiting: [FetchKey: Waiting] = [:]
        var isSending = false
    }

    private let localID: Int32
    private let channel: any ControllerChannel
    private let brokerEpoch: BrokerEpoch
    private let clock: any BrokerClock
    /// Rung when there is something to send.
    private let alarm: Alarm
    private let state = Mutex(State())

    /// Milliseconds until a proposal that could not be placed is sent again.
    private static let retryMs: Int64 = 50

    init(
        localID: Int32,
        channel: any ControllerChannel,
        brokerEpoch: BrokerEpoch,
        clock: any BrokerClock,
        alarm: Alarm
    ) {
        self.localID = localID
        self.channel = channel
        self.brokerEpoch = brokerEpoch
        self.clock = clock
        self.alarm = alarm
    }

    func add(_ proposal: InSyncProposal, of partition: Partition) {
        state.withLock { $0.waiting[partition.key] = Waiting(partition: partition, proposal: proposal) }
        alarm.ring()
    }

    /// True once when there is something to send; `send` must follow.
    func begin() -> Bool {
        state.withLock { state in
            guard !state.isSending, !state.waiting.isEmpty else { return false }
            state.isSending = true
            return true
        }
    }

    func send() async {
        let batch = state.withLock { state in
            defer { state.waiting = [:] }
            return state.waiting
        }
        let request = AlterPartitionRequest(
            brokerID: localID,
            brokerEpoch: brokerEpoch.value,
            proposals: batch.map { ($0.key, $0.value.proposal) }
        )
        var response: AlterPartitionResponse?
        do throws(PartitionError) {
            response = try await channel.send(request)
        } catch {
            // Nobody knows whether the controller has got it: asked again, until it says so or the metadata do.
        }
        var again: [FetchKey: Waiting] = [:]
        for (key, waiting) in batch {
            let answer = response?.answer(to: key) ?? .unknown
            if waiting.partition.answered(waiting.proposal, answer) { again[key] = waiting }
        }
        let isRetry = !again.isEmpty
        state.withLock { state in
            state.isSending = false
            // What was proposed meanwhile is newer.
            state.waiting.merge(again) { newer, _ in newer }
        }
        if isRetry {
            _ = clock.schedule(afterMs: Self.retryMs) { [alarm] in alarm.ring() }
        } else {
            alarm.ring()
        }
    }
}

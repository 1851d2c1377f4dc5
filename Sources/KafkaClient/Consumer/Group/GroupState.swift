/// What a consumer's application and its group have to tell each other; part of the consumer's state, under its lock.
struct GroupState: Sendable {
    /// The membership's shell; there from the start.
    var member: GroupMember?
    /// Whether topics are subscribed to.
    var isSubscribed = false
    /// Whether the member was started.
    var hasMemberRunning = false
    var listener: RebalanceListener?
    /// Events that wait for the application's next call, oldest first.
    private(set) var events: [RebalanceEvent] = []
    /// Whether the application is carrying them out.
    private(set) var isHandingOver = false
    /// Whether the closure is being told about new partitions, and may seek before their offsets are looked up.
    var holdsPositions = false
    /// Why the membership is over.
    var failure: KafkaClientError?
    /// When the application last asked for records.
    private(set) var calledMs: Int64
    /// Calls that wait for records.
    private var waitingCalls = 0
    /// The batch that the application works on: where its partition stood before.
    var inHand: (partition: TopicPartition, generation: UInt64, offset: Int64, epoch: Int32)?

    init(calledMs: Int64) {
        self.calledMs = calledMs
    }

    /// The application asks for records, and so has done with those that it got.
    mutating func applicationCalls(nowMs: Int64) {
        calledMs = nowMs
        inHand = nil
    }

    mutating func startsWaiting() {
        waitingCalls += 1
    }

    mutating func endsWaiting(nowMs: Int64) {
        waitingCalls -= 1
        calledMs = nowMs
    }

    /// Since when the application has not asked for records; `nil` while it waits for some.
    var absentSinceMs: Int64? { waitingCalls > 0 ? nil : calledMs }

    // MARK: Handovers

    /// Whether records have to wait.
    var hasHandover: Bool { isHandingOver || !events.isEmpty }

    mutating func add(_ new: [RebalanceEvent]) {
        events.append(contentsOf: new)
    }

    /// The events to carry out now; `nil` when there are none, or somebody is at it.
    mutating func beginHandover() -> [RebalanceEvent]? {
        guard !isHandingOver, !events.isEmpty else { return nil }
        isHandingOver = true
        defer { events = [] }
        return events
    }

    /// The membership ends: what it laid out means nothing any more.
    mutating func dropEvents() {
        events = []
    }

    mutating func endHandover() {
        isHandingOver = false
    }
}

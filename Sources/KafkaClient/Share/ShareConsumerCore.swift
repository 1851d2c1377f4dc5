package import KafkaMessages
import KafkaWire
import NIOCore

/// What a member of a share group asks of which broker, what it got, and what it owes: pure.
///
/// Rules:
/// - One request to a broker at a time, as epochs rise by one; nothing is fetched ahead, since the broker's locks on what
///   is lent run while it waits.
/// - What was acknowledged goes along with the next fetch from the broker that lent it, also when the partition is no longer
///   this member's.
/// - A broker is fetched from as long as the application waits for records; what others bring meanwhile is kept for the
///   next call.
/// - When a broker fails, it rests for a while. What it was to be told in that request may or may not have arrived.
package struct ShareConsumerCore: Sendable {
    /// What the shell has to do after an answer.
    package struct Effects: Sendable {
        package var refreshesMetadata = false
        package var hints: [FetchExchange.LeaderHint] = []
        /// Whether there is something to hand out, or to tell.
        package var hasNews = false
    }

    /// What a request under way acknowledges.
    typealias Acknowledged = [SharePlace: [ShareLedger.Run]]

    let configuration: ShareConsumerConfiguration
    let memberID: String
    let backoff: Backoff
    private var assignment: [SharePlace: TopicPartition] = [:]
    /// Every partition that was ever assigned, to name what is told of it.
    private(set) var known: [SharePlace: TopicPartition] = [:]
    /// What is to be fetched from each broker.
    private var places: [Int32: Set<SharePlace>] = [:]
    var sessions: [Int32: ShareSession] = [:]
    /// By broker.
    var flights: [Int32: Acknowledged] = [:]
    var resting: [Int32: (untilMs: Int64, failures: Int)] = [:]
    var ledger = ShareLedger()
    var queue: [SharedBatch] = []
    var errors: [KafkaClientError] = []
    var refused: [ShareAcknowledgementFailure] = []
    /// How many records the application waits for; `nil` while it does not.
    private var wanted: Int?

    package init(_ configuration: ShareConsumerConfiguration, memberID: String, backoff: Backoff) {
        self.configuration = configuration
        self.memberID = memberID
        self.backoff = backoff
    }

    // MARK: What the application does

    /// The application waits for so many records.
    package mutating func want(_ count: Int) { wanted = max(1, count) }
    /// It waits no more.
    package mutating func rest() { wanted = nil }

    package mutating func take() -> Result<SharedBatch, KafkaClientError>? {
        if !errors.isEmpty { return .failure(errors.removeFirst()) }
        return queue.isEmpty ? nil : .success(queue.removeFirst())
    }

    /// Settles offsets of a batch.
    package mutating func acknowledge(
        _ batch: SharedBatch,
        _ offsets: ClosedRange<Int64>,
        as outcome: ShareAcknowledgement
    ) {
        guard offsets.overlaps(batch.offsets) else { return }
        ledger.settle(offsets.clamped(to: batch.offsets), as: outcome.rawValue, of: batch.place, from: batch.node)
    }

    package mutating func takeFailures() -> [ShareAcknowledgementFailure] {
        defer { refused = [] }
        return refused
    }

    // MARK: What the cluster is like

    package mutating func assign(_ assignment: [SharePlace: TopicPartition]) {
        self.assignment = assignment
        known.merge(assignment) { _, new in new }
        places = places.mapValues { $0.filter { assignment[$0] != nil } }.filter { !$0.value.isEmpty }
    }

    /// Takes in who leads the partitions; nil where nobody is known to.
    package mutating func learnLeaders(_ leader: (TopicPartition) -> Int32?) {
        places = [:]
        for (place, partition) in assignment {
            if let node = leader(partition) { places[node, default: []].insert(place) }
        }
    }

    /// The partitions that this member may read.
    package var partitions: [TopicPartition] { Array(assignment.values) }
    /// Whether there is a partition that nobody is known to lead.
    package var lacksLeaders: Bool { places.values.reduce(0) { $0 + $1.count } < assignment.count }

    // MARK: Fetching

    /// Brokers to which a fetch should go now, or when they have rested.
    package var sources: Set<Int32> {
        guard wanted != nil, queue.isEmpty else { return [] }
        let sessions = sessions.filter { $0.value.differs(from: places[$0.key] ?? []) }.keys
        return Set(places.keys).union(ledger.creditors).union(sessions)
    }

    /// The requests that should go out now, by broker, and when to look again because a broker has rested then.
    package mutating func takeRequests(nowMs: Int64) -> (requests: [Int32: ShareFetchRequest], dueMs: Int64?) {
        var requests: [Int32: ShareFetchRequest] = [:]
        var dueMs: Int64?
        for node in sources where flights[node] == nil {
            if let resting = resting[node], resting.untilMs > nowMs {
                dueMs = min(dueMs ?? .max, resting.untilMs)
            } else {
                requests[node] = fetch(from: node, nowMs: nowMs)
            }
        }
        return (requests, dueMs)
    }

    /// The next request to a broker; nil when there is nothing to ask now.
    package mutating func fetch(from node: Int32, nowMs: Int64) -> ShareFetchRequest? {
        guard flights[node] == nil, sources.contains(node), let wanted else { return nil }
        if let resting = resting[node], resting.untilMs > nowMs { return nil }
        let places = places[node] ?? []
        var session = sessions[node] ?? ShareSession()
        // Without a session there is nothing to tell, and without partitions none is needed.
        guard !places.isEmpty || session.isOpen else { return nil }
        let acknowledged = session.isOpen ? ledger.take(for: node) : [:]
        let step = session.fetch(places)
        sessions[node] = session
        flights[node] = acknowledged
        let count = Int32(clamping: min(wanted, configuration.maxRecords))
        var request = ShareFetchRequest(groupId: configuration.groupID, memberId: memberID)
        request.shareSessionEpoch = step.epoch
        request.maxWaitMs = places.isEmpty ? 0 : configuration.fetchMaxWait.milliseconds32
        request.minBytes = Int32(clamping: configuration.fetchMinBytes)
        request.maxBytes = Int32(clamping: configuration.fetchMaxBytes)
        request.maxRecords = count
        request.batchSize = count
        request.topics = grouped(Set(step.added).union(acknowledged.keys).sorted(), by: \.topicID).map { id, places in
            ShareFetchRequest.FetchTopic(
                topicId: id,
                partitions: places.map { place in
                    var partition = ShareFetchRequest.FetchPartition(partitionIndex: place.partition)
                    partition.acknowledgementBatches = (acknowledged[place] ?? []).map { run in
                        ShareFetchRequest.AcknowledgementBatch(
                            firstOffset: run.offsets.lowerBound,
                            lastOffset: run.offsets.upperBound,
                            acknowledgeTypes: [run.outcome]
                        )
                    }
                    return partition
                }
            )
        }
        request.forgottenTopicsData = grouped(step.forgotten, by: \.topicID).map { id, places in
            ShareFetchRequest.ForgottenTopic(topicId: id, partitions: places.map(\.partition))
        }
        return request
    }
}

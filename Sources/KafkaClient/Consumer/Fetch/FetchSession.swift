package import KafkaMessages
package import KafkaWire

/// What a fetch asks of one partition.
package struct FetchTarget: Equatable, Sendable {
    package var partition: TopicPartition
    /// The topic's id, zero when it has none.
    package var topicID: KafkaUUID
    /// The first offset that is wanted.
    package var offset: Int64
    /// The leader epoch that the position was checked against, -1 for no check.
    package var leaderEpoch: Int32
    /// The epoch of the record before `offset`, -1 for no check.
    package var lastFetchedEpoch: Int32
    /// The most record bytes that should come for this partition.
    package var maxBytes: Int32

    package init(
        partition: TopicPartition,
        topicID: KafkaUUID = .zero,
        offset: Int64,
        leaderEpoch: Int32 = -1,
        lastFetchedEpoch: Int32 = -1,
        maxBytes: Int32
    ) {
        self.partition = partition
        self.topicID = topicID
        self.offset = offset
        self.leaderEpoch = leaderEpoch
        self.lastFetchedEpoch = lastFetchedEpoch
        self.maxBytes = maxBytes
    }
}

/// The client's side of an incremental fetch session with one broker (KIP-227).
///
/// Rules:
/// - A full request (epoch 0) names every partition and asks for a session; the broker may refuse by answering id 0.
/// - Within a session only added or changed partitions are named, and those no longer wanted are taken out. A partition
///   that the answer leaves out has not changed.
/// - The epoch goes up by one with each request and, past `Int32.max`, continues at 1.
/// - Any doubt about what the broker remembers (lost answer, error 70, 71 or 106) leads to a full request; an id that may
///   still be alive is named in it so that the broker can drop that session.
/// - A session goes either by topic id or by name; a change of mind starts a new one.
package struct FetchSession: Sendable {
    /// What to put into the next request.
    package struct Request: Equatable, Sendable {
        package var sessionID: Int32
        package var epoch: Int32
        /// Partitions to name, in the order in which the broker shall serve them.
        package var targets: [FetchTarget]
        /// Partitions to take out of the session.
        package var forgotten: [Forgotten]
        /// Whether the request names topics by id (Fetch 13 and later).
        package var usesTopicIDs: Bool

        /// Whether this request names everything that is wanted.
        package var isFull: Bool { epoch <= 0 }
    }

    /// A partition to take out of the session.
    package struct Forgotten: Equatable, Sendable {
        package var partition: TopicPartition
        package var topicID: KafkaUUID
    }

    /// What an answer means for the data in it.
    package enum Verdict: Equatable, Sendable {
        /// The data may be used.
        case accept
        /// The session was lost; there is no data, ask again.
        case restart
    }

    private var sessionID: Int32 = 0
    private var nextEpoch: Int32 = 0
    private var included: [TopicPartition: FetchTarget] = [:]
    private var usesTopicIDs = false
    private var names: [KafkaUUID: String] = [:]
    private let isEnabled: Bool

    /// - Parameter isEnabled: false to send full requests outside of any session, always.
    package init(isEnabled: Bool = true) {
        self.isEnabled = isEnabled
    }

    /// The next request for these partitions.
    ///
    /// - Parameter offersTopicIDs: whether the broker understands topic ids; they are used when every topic has one.
    package mutating func next(_ wanted: [FetchTarget], offersTopicIDs: Bool) -> Request {
        let byID = offersTopicIDs && wanted.allSatisfy { $0.topicID != .zero }
        if byID {
            for target in wanted {
                names[target.topicID] = target.partition.topic
            }
        }
        guard isEnabled else {
            return Request(sessionID: 0, epoch: -1, targets: wanted, forgotten: [], usesTopicIDs: byID)
        }
        let isFull = nextEpoch == 0 || sessionID == 0 || byID != usesTopicIDs
        usesTopicIDs = byID
        guard !isFull else {
            included = Dictionary(wanted.map { ($0.partition, $0) }, uniquingKeysWith: { _, last in last })
            nextEpoch = 0
            return Request(sessionID: sessionID, epoch: 0, targets: wanted, forgotten: [], usesTopicIDs: byID)
        }
        var remaining = included
        var changed: [FetchTarget] = []
        var forgotten: [Forgotten] = []
        for target in wanted {
            let known = remaining.removeValue(forKey: target.partition)
            if known != target {
                changed.append(target)
                included[target.partition] = target
            }
            // The same name with another id is another topic: the broker must let go of the old one.
            if let known, known.topicID != target.topicID {
                forgotten.append(Forgotten(partition: known.partition, topicID: known.topicID))
            }
        }
        for (partition, target) in remaining.sorted(by: { $0.key < $1.key }) {
            included[partition] = nil
            forgotten.append(Forgotten(partition: partition, topicID: target.topicID))
        }
        return Request(
            sessionID: sessionID,
            epoch: nextEpoch,
            targets: changed,
            forgotten: forgotten,
            usesTopicIDs: byID
        )
    }

    /// Takes in the top of an answer.
    package mutating func received(error: ErrorCode, sessionID answered: Int32) -> Verdict {
        guard isEnabled else { return error == .none ? .accept : .restart }
        guard error == .none else {
            if error == .fetchSessionIdNotFound {
                sessionID = 0
            }
            nextEpoch = 0
            return .restart
        }
        if answered == 0 {
            sessionID = 0
            nextEpoch = 0
        } else if nextEpoch == 0 || answered != sessionID {
            sessionID = answered
            nextEpoch = 1
        } else {
            nextEpoch = nextEpoch == .max ? 1 : nextEpoch + 1
        }
        return .accept
    }

    /// No answer came, or none that could be read: what the broker remembers is unknown.
    package mutating func lost() {
        nextEpoch = 0
    }

    /// The partition that an answer means by a topic id.
    package func partition(topicID: KafkaUUID, index: Int32) -> TopicPartition? {
        names[topicID].map { TopicPartition(topic: $0, partition: index) }
    }
}

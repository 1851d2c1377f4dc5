import KafkaMessages
import KafkaTestSupport
import KafkaWire

@testable import KafkaClient
@testable import KafkaCoordination

/// The broker's side of a simulated group: the machine that coordinates it and the log of what it decided.
struct GroupWorld {
    static let group = "g"
    static let topic = "t"
    static let topicID = KafkaUUID(high: 7, low: 7)

    private(set) var coordinator: GroupCoordinator
    private(set) var image = MetadataImage()
    private var log: [CoordinatorRecord] = []
    private(set) var nowMs: Int64 = 1000
    private var replies: [HeldToken: GroupReply] = [:]
    private var lostTokens: Set<HeldToken> = []
    private var ids: UInt64 = 0
    /// The next decision's records cannot be written.
    var failsNextWrite = false
    /// How often the group came to be, was forgotten, or changed its protocol: its generation may begin anew then.
    private(set) var beginnings = 0
    private var kind: Bool?

    init(settings: GroupSettings, partitions: Int32) throws {
        coordinator = GroupCoordinator(settings: settings)
        try image.apply(.topic(TopicRecord(name: Self.topic, topicId: Self.topicID)))
        for _ in 0..<partitions { try addPartition() }
        _ = coordinator.loaded(image, nowMs: nowMs)
    }

    var partitions: Int32 { Int32(image.topics[Self.topic]?.partitions.count ?? 0) }

    private mutating func addPartition() throws {
        var record = PartitionRecord()
        record.topicId = Self.topicID
        record.partitionId = partitions
        record.leader = 1
        record.replicas = [1]
        record.isr = [1]
        try image.apply(.partition(record))
    }

    mutating func grow() throws {
        try addPartition()
        _ = try perform { $0.metadataChanged($2, removedTopics: [], nowMs: $1) }
    }

    // MARK: Driving

    /// Lets the coordinator decide; nil when the decision could not be written.
    mutating func perform<Answer>(
        _ decide: (inout GroupCoordinator, Int64, MetadataImage) -> CoordinatorResult<Answer, GroupReply>
    ) throws -> Answer? {
        let decision = decide(&coordinator, nowMs, image)
        if failsNextWrite, !decision.records.isEmpty {
            failsNextWrite = false
            let answered =
                decision.subject.map {
                    coordinator.writeFailed($0, code: .coordinatorNotAvailable, nowMs: nowMs)
                } ?? []
            for reply in answered { replies[reply.token] = reply.reply }
            let told = Set(answered.map(\.token))
            lostTokens.formUnion(decision.replies.map(\.token).filter { !told.contains($0) })
            return nil
        }
        for record in decision.records {
            log.append(record)
            try coordinator.replay(record, producerID: nil)
        }
        for reply in decision.replies { replies[reply.token] = reply.reply }
        noteKind()
        return decision.answer
    }

    private mutating func noteKind() {
        let now = generation.map { _ in isModern }
        if now != kind { beginnings += 1 }
        kind = now
    }

    /// Lets the coordinator decide about a request that it may hold.
    mutating func hold(
        _ decide: (inout GroupCoordinator, HeldToken, Int64, String) -> CoordinatorResult<Void, GroupReply>
    ) throws -> HeldToken {
        ids += 1
        let (token, name) = (HeldToken(ids), "member-\(ids)")
        if try perform({ coordinator, nowMs, _ in decide(&coordinator, token, nowMs, name) }) == nil {
            lostTokens.insert(token)
        }
        return token
    }

    /// What a held request was answered with; a failure when its answer cannot come any more.
    mutating func takeReply(_ token: HeldToken) -> Result<GroupReply, KafkaClientError>? {
        if let reply = replies.removeValue(forKey: token) { return .success(reply) }
        return lostTokens.remove(token).map { _ in .failure(KafkaClientError(.connectionFailed, "lost")) }
    }

    /// Lets time pass; timers run out one by one.
    mutating func advance(_ milliseconds: Int64) throws {
        let endMs = nowMs + milliseconds
        while let dueMs = coordinator.nextDeadlineMs, dueMs <= endMs {
            nowMs = max(nowMs, dueMs)
            _ = try perform { coordinator, nowMs, _ in coordinator.advance(nowMs: nowMs) }
        }
        nowMs = endMs
    }

    /// Another process, which has the log and nothing else: whoever waits loses its connection.
    mutating func restart(waiting: some Sequence<HeldToken>) throws {
        var next = GroupCoordinator(settings: coordinator.settings)
        for record in log { try next.replay(record, producerID: nil) }
        coordinator = next
        noteKind()
        replies = [:]
        lostTokens = Set(waiting)
        _ = try perform { coordinator, nowMs, image in coordinator.loaded(image, nowMs: nowMs) }
    }

    // MARK: What the coordinator knows

    /// Generation of a classic group, or epoch of a consumer group; nil when there is none.
    var generation: Int32? {
        switch coordinator.group(Self.group) {
        case nil: nil
        case .classic(let group)?: group.generation
        case .consumer(let group)?: group.epoch
        }
    }

    /// Whether the log has the generation.
    var isSettled: Bool {
        if case .classic(let group)? = coordinator.group(Self.group) { group.state == .stable } else { true }
    }

    /// For people who look for the cause.
    var description: String {
        let state =
            switch coordinator.group(Self.group) {
            case nil: "no group"
            case .classic(let group)?:
                "classic \(group.state.rawValue) \(group.generation), \(group.members.keys.sorted()), "
                    + "pending \(group.pendingMembers.sorted())"
            case .consumer(let group)?:
                "consumer \(group.epoch), target \(group.targetEpoch), "
                    + group.members.values.sorted { $0.id < $1.id }.map { member in
                        "\(member.id) \(member.epoch) \(member.progress) \(member.assigned[Self.topicID]) "
                            + "gives back \(member.revoking[Self.topicID])"
                    }.joined(separator: ", ")
            }
        return "\(nowMs) \(state)"
    }

    /// Whether it is a consumer group of KIP-848.
    var isModern: Bool {
        if case .consumer? = coordinator.group(Self.group) { true } else { false }
    }

    var memberCount: Int {
        switch coordinator.group(Self.group) {
        case nil: 0
        case .classic(let group)?: group.members.count
        case .consumer(let group)?: group.members.count
        }
    }

    /// Whether a member acts in its group as the coordinator sees it: what it commits would be taken.
    func isOfTheGroup(_ identity: MemberIdentity) -> Bool {
        guard identity.generation >= 0 else { return false }
        switch coordinator.group(Self.group) {
        case nil: return false
        case .classic(let group)?:
            return group.generation == identity.generation && group.members[identity.memberID] != nil
        case .consumer(let group)?: return group.members[identity.memberID]?.epoch == identity.generation
        }
    }

    func committed(_ partition: Int32) -> Int64 {
        coordinator.offsets.offset(Self.group, Self.topic, partition)?.offset ?? 0
    }
}

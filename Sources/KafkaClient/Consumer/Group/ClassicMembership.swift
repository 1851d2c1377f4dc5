package import KafkaMessages

/// Membership of a classic group: when to join, what to answer to whom, when partitions come and go. Pure.
///
/// ```
/// idle → unjoined → releasing → joining → (describing →) syncing → adopting → stable
///           ↑                                                                    │
///           └────────────────── rebalance, lost membership, changed topics ──────┘
/// ```
///
/// Rules:
/// - Before an eager member joins again, the application gives back all its partitions; a cooperative one keeps those of
///   topics that it still wants, and gives back what a new assignment lacks, after which it joins once more.
/// - Heartbeats go on while the application is waited for, so that giving back may take its time.
/// - Error 25 takes the member's id, 22 its generation, and both its partitions: they are *lost*, not revoked. So they are
///   after a generation that passed the member by, in which the group may have given them to others. Error 82 and
///   everything unknown stops the membership.
/// - An application that has not asked for records for the rebalance timeout leaves the group, and joins again when it
///   asks.
package struct ClassicMembership: Sendable {
    /// What does not change.
    package struct Settings: Sendable {
        package var groupID: String
        package var instanceID: String?
        package var sessionTimeoutMs: Int32
        /// How long the application may stay away, and how long the group waits for it.
        package var rebalanceTimeoutMs: Int32
        package var heartbeatIntervalMs: Int64
        package var strategies: [AssignmentStrategy]
        package var rack: String?
        package var backoff: Backoff

        package init(
            groupID: String,
            instanceID: String? = nil,
            sessionTimeoutMs: Int32 = 45_000,
            rebalanceTimeoutMs: Int32 = 300_000,
            heartbeatIntervalMs: Int64 = 3000,
            strategies: [AssignmentStrategy] = [.range, .cooperativeSticky],
            rack: String? = nil,
            backoff: Backoff = Backoff(base: .milliseconds(100), limit: .seconds(1))
        ) {
            self.groupID = groupID
            self.instanceID = instanceID
            self.sessionTimeoutMs = sessionTimeoutMs
            self.rebalanceTimeoutMs = rebalanceTimeoutMs
            self.heartbeatIntervalMs = heartbeatIntervalMs
            self.strategies = strategies
            self.rack = rack
            self.backoff = backoff
        }
    }

    enum Phase: Equatable, Sendable {
        /// Nothing is subscribed to.
        case idle
        /// To join at a time.
        case unjoined(atMs: Int64)
        /// The application gives back partitions.
        case releasing
        case joining
        /// As leader, to learn about the group's topics.
        case describing([MemberSubscription])
        case syncing
        /// The application takes over a new assignment.
        case adopting
        case stable
        case stopped
    }

    let settings: Settings
    var phase = Phase.idle
    /// The topics that are wanted, sorted.
    var topics: [String] = []
    var memberID = ""
    /// -1 outside of a generation.
    package internal(set) var generation: Int32 = -1
    var strategy: AssignmentStrategy?
    /// What the application has.
    package internal(set) var owned: Set<TopicPartition> = []
    /// What it will have after the handover under way.
    var coming: Set<TopicPartition> = []
    /// Whether the group may have given ``owned`` to others.
    var isLost = false
    /// Whether to join again as soon as possible.
    var wantsRebalance = false
    /// What was assigned last, for the sticky strategy.
    var memory = StickyMemory(partitions: [], generation: -1)
    /// As leader: the topics of the group, and how many partitions they had when they were assigned.
    package internal(set) var groupTopics: [String: Int32] = [:]
    /// As leader that tells its rack: where the group's partitions were when they were assigned.
    var groupRacks: TopicLayout = [:]
    var isLeader = false
    /// As leader: whether the assignment was made by a former self, for who knows how many partitions.
    var hasForeignAssignment = false
    var heartbeatAtMs: Int64 = 0
    var failures = 0
    /// Whether the application stayed away for too long, and has to ask for records before joining makes sense.
    var waitsForApplication = false
    /// Why the membership ended.
    package internal(set) var failure: KafkaClientError?

    package init(settings: Settings) {
        self.settings = settings
    }

    /// Whether members keep partitions during a rebalance.
    var isCooperative: Bool { settings.strategies.allSatisfy(\.isCooperative) }

    /// What offsets are committed under.
    package var identity: MemberIdentity {
        generation < 0
            ? MemberIdentity()
            : MemberIdentity(memberID: memberID, generation: generation, instanceID: settings.instanceID)
    }

    /// Whether the group is settled and the application has its partitions.
    package var isStable: Bool { phase == .stable && !wantsRebalance }

    // MARK: Subscription

    /// Sets the topics that are wanted; after the end of a membership another begins.
    package mutating func subscribe(_ wanted: [String], nowMs: Int64) {
        let sorted = Array(Set(wanted)).sorted()
        if phase == .stopped {
            end()
            failure = nil
        }
        if phase == .idle {
            topics = sorted
            phase = .unjoined(atMs: nowMs)
        } else if topics != sorted {
            topics = sorted
            wantsRebalance = true
        }
    }

    /// Takes in how topics are laid out now. A leader whose assignment that outdates calls for a rebalance: if there are
    /// more or fewer partitions, and if it tells its rack, also when partitions are in other racks (KIP-881).
    package mutating func topicsChanged(_ layout: TopicLayout) {
        guard isLeader, phase == .stable || phase == .adopting else { return }
        for topic in groupTopics.keys where groupTopics[topic] != layout.partitionCounts[topic] ?? 0 {
            wantsRebalance = true
        }
        if watchesRacks, groupRacks.hasOtherRacks(than: layout) { wantsRebalance = true }
    }

    /// Whether `topicsChanged` wants to know racks.
    package var watchesRacks: Bool { isLeader && settings.rack != nil }

    // MARK: What next

    /// What to do now.
    ///
    /// - Parameter absentSinceMs: since when the application has not asked for records; `nil` while it waits for some.
    package mutating func next(nowMs: Int64, absentSinceMs: Int64?) -> MembershipAction {
        if let absentSinceMs {
            if nowMs - absentSinceMs >= Int64(settings.rebalanceTimeoutMs), let action = dropOut() { return action }
        } else {
            waitsForApplication = false
        }
        switch phase {
        case .idle, .joining, .describing, .syncing:
            return .wait(untilMs: nil)
        case .stopped:
            return .stopped
        case .unjoined(let atMs):
            if waitsForApplication { return .wait(untilMs: nil) }
            return atMs > nowMs ? .wait(untilMs: atMs) : startJoining()
        case .stable where wantsRebalance || isLost:
            phase = .unjoined(atMs: nowMs)
            return startJoining()
        case .stable where hasForeignAssignment:
            hasForeignAssignment = false
            return .review(reviewRequest())
        case .releasing, .adopting, .stable:
            return heartbeat(nowMs: nowMs, absentSinceMs: absentSinceMs)
        }
    }

    private mutating func heartbeat(nowMs: Int64, absentSinceMs: Int64?) -> MembershipAction {
        let limit = absentSinceMs.map { $0 + Int64(settings.rebalanceTimeoutMs) }
        guard !memberID.isEmpty, generation >= 0 else { return .wait(untilMs: waitsForApplication ? nil : limit) }
        guard nowMs >= heartbeatAtMs else { return .wait(untilMs: min(heartbeatAtMs, limit ?? .max)) }
        heartbeatAtMs = nowMs + settings.heartbeatIntervalMs
        return .heartbeat(
            HeartbeatRequest(
                groupId: settings.groupID,
                generationId: generation,
                memberId: memberID,
                groupInstanceId: settings.instanceID
            )
        )
    }

    /// The application stays away: others get its partitions.
    private mutating func dropOut() -> MembershipAction? {
        guard !waitsForApplication, phase == .stable || phase == .releasing || phase == .adopting else { return nil }
        let request = leave("consumer poll timeout has expired.")
        waitsForApplication = true
        isLost = true
        forgetMember()
        if phase == .stable { phase = .unjoined(atMs: 0) }
        return request.map { .leave($0) }
    }

    /// Takes back what must not be read on, then joins.
    private mutating func startJoining() -> MembershipAction {
        let wanted = Set(topics)
        if isLost {
            isLost = false
            coming = []
            if !owned.isEmpty {
                phase = .releasing
                return .handOver([.lost(owned.sorted())])
            }
        } else {
            coming = isCooperative ? owned.filter { wanted.contains($0.topic) } : []
            if coming != owned {
                phase = .releasing
                return .handOver([.revoked(owned.subtracting(coming).sorted())])
            }
        }
        phase = .joining
        wantsRebalance = false
        return .join(joinRequest())
    }

    /// The application has done what was handed over.
    package mutating func handedOver(nowMs: Int64) {
        owned = coming
        switch phase {
        case .releasing: phase = .unjoined(atMs: nowMs)
        case .adopting: phase = .stable
        case .idle, .unjoined, .joining, .describing, .syncing, .stable, .stopped: break
        }
    }

    // MARK: The end

    /// The request that tells the group that this member goes, so that it need not wait for the session to end; `nil` for
    /// one that is not known to the group, and for a static member, whose place is kept.
    ///
    /// - Parameter givesUpPlace: whether a static member leaves as well.
    package func leave(_ reason: String, givesUpPlace: Bool = false) -> LeaveGroupRequest? {
        guard !memberID.isEmpty, settings.instanceID == nil || givesUpPlace, phase != .stopped else { return nil }
        return LeaveGroupRequest(
            groupId: settings.groupID,
            members: [
                LeaveGroupRequest.MemberIdentity(
                    memberId: memberID,
                    groupInstanceId: settings.instanceID,
                    reason: reason
                )
            ]
        )
    }

    /// Ends the membership; nothing is asked for any more until topics are subscribed to again.
    package mutating func end() {
        forgetMember()
        owned = []
        coming = []
        isLost = false
        wantsRebalance = false
        topics = []
        phase = .idle
    }

    mutating func forgetMember() {
        memberID = ""
        generation = -1
        isLeader = false
    }

    mutating func stop(_ error: KafkaClientError) {
        failure = error
        forgetMember()
        phase = .stopped
    }
}

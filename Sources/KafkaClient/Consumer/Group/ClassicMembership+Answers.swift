package import KafkaMessages
import NIOCore

extension ClassicMembership {
    /// An answer, or why there was none.
    package typealias Outcome<Response> = Result<Response, KafkaClientError>

    // MARK: Joining

    func joinRequest() -> JoinGroupRequest {
        JoinGroupRequest(
            groupId: settings.groupID,
            sessionTimeoutMs: settings.sessionTimeoutMs,
            rebalanceTimeoutMs: settings.rebalanceTimeoutMs,
            memberId: memberID,
            groupInstanceId: settings.instanceID,
            protocolType: "consumer",
            protocols: settings.strategies.map { strategy in
                JoinGroupRequest.JoinGroupRequestProtocol(name: strategy.rawValue, metadata: metadata(for: strategy))
            }
        )
    }

    /// What the leader is told about this member.
    private func metadata(for strategy: AssignmentStrategy) -> ByteBuffer {
        var subscription = ConsumerProtocolSubscription(topics: topics, generationId: generation, rackId: settings.rack)
        subscription.ownedPartitions = grouped(owned.sorted(), by: \.topic).map { topic, partitions in
            ConsumerProtocolSubscription.TopicPartition(topic: topic, partitions: partitions.map(\.partition))
        }
        switch strategy {
        case .range, .roundRobin: break
        case .sticky: subscription.userData = try? memory.encoded()
        case .cooperativeSticky: subscription.userData = ByteBuffer(integer: generation)
        }
        // Names of topics come from the user and are short; what cannot be encoded is refused by the broker as empty.
        return (try? subscription.versioned(3)) ?? ByteBuffer()
    }

    /// Takes in the answer to a join.
    ///
    /// - Returns: what to do at once, if anything.
    package mutating func joined(_ outcome: Outcome<JoinGroupResponse>, nowMs: Int64) -> MembershipAction? {
        guard phase == .joining else { return nil }
        guard let response = received(outcome, nowMs: nowMs) else { return nil }
        switch response.errorCode {
        case .none:
            return completedJoin(response, nowMs: nowMs)
        case .memberIdRequired:
            memberID = response.memberId
            phase = .unjoined(atMs: nowMs)
        case .unknownMemberId:
            forgetMember()
            isLost = isLost || !owned.isEmpty
            retry(nowMs: nowMs)
        case .illegalGeneration:
            generation = -1
            isLost = isLost || !owned.isEmpty
            retry(nowMs: nowMs)
        case .rebalanceInProgress:
            retry(nowMs: nowMs)
        default:
            failed("Group '\(settings.groupID)' cannot be joined", response.errorCode, nowMs: nowMs)
        }
        return nil
    }

    private mutating func completedJoin(_ response: JoinGroupResponse, nowMs: Int64) -> MembershipAction? {
        guard
            let chosen = response.protocolName.flatMap(AssignmentStrategy.init(rawValue:)),
            settings.strategies.contains(chosen), response.protocolType == nil || response.protocolType == "consumer"
        else {
            stop(
                KafkaClientError(
                    .protocolViolation,
                    "Group '\(settings.groupID)' chose the strategy '\(response.protocolName ?? "")' of the protocol "
                        + "'\(response.protocolType ?? "")', which this member did not offer."
                )
            )
            return nil
        }
        failures = 0
        memberID = response.memberId
        guard owned.isEmpty || generation < 0 || response.generationId <= generation + 1 else {
            // In a generation that passed it by, others may have been given what it has. (A static member is kept in
            // generations that it takes no part in.)
            generation = -1
            isLost = true
            phase = .unjoined(atMs: nowMs)
            return nil
        }
        generation = response.generationId
        strategy = chosen
        isLeader = response.leader == response.memberId
        hasForeignAssignment = isLeader && response.skipAssignment
        heartbeatAtMs = nowMs + settings.heartbeatIntervalMs
        guard isLeader else {
            groupTopics = [:]
            phase = .syncing
            return .sync(syncRequest([:]))
        }
        // A leader that came back under its own name finds the group as it was: the broker has the assignment.
        let members =
            response.skipAssignment
            ? []
            : response.members.map { member in
                MemberSubscription(
                    memberID: member.memberId,
                    instanceID: member.groupInstanceId,
                    metadata: member.metadata,
                    strategy: chosen
                )
            }
        phase = .describing(members)
        return .describe(Array(members.reduce(into: Set(topics)) { $0.formUnion($1.topics) }).sorted())
    }

    /// As leader: takes in how the group's topics are laid out, those that do not exist left out.
    ///
    /// - Returns: what to do at once.
    package mutating func described(_ outcome: Outcome<TopicLayout>, nowMs: Int64) -> MembershipAction? {
        guard case .describing(let members) = phase, let strategy else { return nil }
        switch outcome {
        case .failure(let error):
            _ = received(Outcome<Void>.failure(error), nowMs: nowMs)
            return nil
        case .success(let layout):
            let wanted = members.reduce(into: Set(topics)) { $0.formUnion($1.topics) }
            groupTopics = Dictionary(uniqueKeysWithValues: wanted.map { ($0, layout.partitionCounts[$0] ?? 0) })
            groupRacks = settings.rack == nil ? [:] : layout
            phase = .syncing
            return .sync(syncRequest(members.isEmpty ? [:] : strategy.assign(members, to: layout)))
        }
    }

    // MARK: Assignment

    private func syncRequest(_ assignment: [String: [TopicPartition]]) -> SyncGroupRequest {
        SyncGroupRequest(
            groupId: settings.groupID,
            generationId: generation,
            memberId: memberID,
            groupInstanceId: settings.instanceID,
            protocolType: "consumer",
            protocolName: strategy?.rawValue,
            assignments: assignment.sorted { $0.key < $1.key }.map { memberID, partitions in
                SyncGroupRequest.SyncGroupRequestAssignment(
                    memberId: memberID,
                    assignment: (try? Self.assignment(partitions).versioned(0)) ?? ByteBuffer()
                )
            }
        )
    }

    private static func assignment(_ partitions: [TopicPartition]) -> ConsumerProtocolAssignment {
        ConsumerProtocolAssignment(
            assignedPartitions: grouped(partitions, by: \.topic).map { topic, partitions in
                ConsumerProtocolAssignment.TopicPartition(topic: topic, partitions: partitions.map(\.partition))
            }
        )
    }

    /// Takes in the answer to a sync.
    ///
    /// - Returns: what to do at once, if anything.
    package mutating func synced(_ outcome: Outcome<SyncGroupResponse>, nowMs: Int64) -> MembershipAction? {
        guard phase == .syncing else { return nil }
        guard let response = received(outcome, nowMs: nowMs) else { return nil }
        switch response.errorCode {
        case .none:
            return adopt(response.assignment, nowMs: nowMs)
        case .rebalanceInProgress:
            failures = 0
            phase = .unjoined(atMs: nowMs)
        case .unknownMemberId:
            lost(keepsID: false, nowMs: nowMs)
        case .illegalGeneration:
            lost(keepsID: true, nowMs: nowMs)
        default:
            failed("Group '\(settings.groupID)' did not give its assignment", response.errorCode, nowMs: nowMs)
        }
        return nil
    }

    private mutating func adopt(_ bytes: ByteBuffer, nowMs: Int64) -> MembershipAction? {
        var assigned: Set<TopicPartition> = []
        if bytes.readableBytes > 0 {
            guard let read = try? ConsumerProtocolAssignment(versioned: bytes, acceptingNewer: true) else {
                stop(
                    KafkaClientError(
                        .protocolViolation,
                        "The leader of group '\(settings.groupID)' sent an assignment that cannot be read."
                    )
                )
                return nil
            }
            for entry in read.assignedPartitions {
                for partition in entry.partitions where partition >= 0 {
                    assigned.insert(TopicPartition(topic: entry.topic, partition: partition))
                }
            }
        }
        failures = 0
        memory = StickyMemory(partitions: assigned.sorted(), generation: generation)
        let revoked = owned.subtracting(assigned)
        var events: [RebalanceEvent] = []
        if !revoked.isEmpty {
            events.append(.revoked(revoked.sorted()))
            // Others wait for what is given back here.
            wantsRebalance = true
        }
        events.append(.assigned(assigned.subtracting(owned).sorted()))
        coming = assigned
        phase = .adopting
        return .handOver(events)
    }

    // MARK: Heartbeats

    /// Takes in the answer to a heartbeat.
    package mutating func beaten(_ outcome: Outcome<HeartbeatResponse>, nowMs: Int64) {
        guard phase == .stable || phase == .adopting || phase == .releasing else { return }
        switch outcome {
        case .failure(let error):
            guard mayPass(error) else { return stop(error) }
            heartbeatAtMs = min(heartbeatAtMs, nowMs + pauseMs())
        case .success(let response):
            switch response.errorCode {
            case .none:
                failures = 0
            case .rebalanceInProgress:
                failures = 0
                if phase != .releasing { wantsRebalance = true }
            case .unknownMemberId:
                forgetMember()
                isLost = true
            case .illegalGeneration:
                generation = -1
                isLost = true
            case .notCoordinator, .coordinatorNotAvailable, .coordinatorLoadInProgress:
                heartbeatAtMs = min(heartbeatAtMs, nowMs + pauseMs())
            default:
                failed("Group '\(settings.groupID)' refuses a heartbeat", response.errorCode, nowMs: nowMs)
            }
        }
    }

    /// A commit was refused because the group does not know this member or its generation.
    ///
    /// - Parameter used: what the commit was made under; a later identity is not touched.
    package mutating func commitRefused(_ code: ErrorCode, identity used: MemberIdentity) {
        guard used == identity, generation >= 0, phase == .stable else { return }
        if code == .unknownMemberId { forgetMember() } else { generation = -1 }
        isLost = true
    }

    // MARK: Failures

    /// The answer, if there is one; otherwise the next attempt is planned or the membership ends.
    private mutating func received<Response>(_ outcome: Outcome<Response>, nowMs: Int64) -> Response? {
        switch outcome {
        case .success(let response):
            return response
        case .failure(let error):
            if mayPass(error) { retry(nowMs: nowMs) } else { stop(error) }
            return nil
        }
    }

    private func mayPass(_ error: KafkaClientError) -> Bool {
        error.isRetriable || error.code == .connectionFailed || error.code == .timedOut
    }

    /// An error in an answer that has no meaning of its own here.
    private mutating func failed(_ what: String, _ code: ErrorCode, nowMs: Int64) {
        guard !code.isRetriable else { return retry(nowMs: nowMs) }
        let error = KafkaClientError(what, code)
        isLost = isLost || !owned.isEmpty
        guard code == .fencedInstanceId else { return stop(error) }
        stop(
            KafkaClientError(
                .fenced,
                "Another member of group '\(settings.groupID)' has taken the place of '\(settings.instanceID ?? "")': "
                    + "group.instance.id must be given to one consumer only (\(code.name)).",
                brokerError: code
            )
        )
    }

    private mutating func lost(keepsID: Bool, nowMs: Int64) {
        let id = memberID
        forgetMember()
        if keepsID { memberID = id }
        isLost = !owned.isEmpty
        failures = 0
        phase = .unjoined(atMs: nowMs)
    }

    private mutating func retry(nowMs: Int64) {
        phase = .unjoined(atMs: nowMs + pauseMs())
    }

    private mutating func pauseMs() -> Int64 {
        failures += 1
        return max(1, settings.backoff.pause(afterFailures: failures, spread: 0.5).milliseconds)
    }
}

import KafkaClient
import KafkaMessages
import KafkaWire
import Testing

@Suite struct ConsumerCoreTests {
    typealias Core = ConsumerCore<String>

    private let first = TopicPartition(topic: "t", partition: 0)
    private let second = TopicPartition(topic: "t", partition: 1)

    private func core(_ policy: OffsetResetPolicy = .latest) -> Core {
        Core(
            limits: .init(maxQueuedBytes: 1000, maxBytes: 500, maxPartitionBytes: 100),
            policy: policy,
            backoff: Backoff(base: .milliseconds(100), limit: .milliseconds(100)),
            replicaUseMs: 1000
        )
    }

    private func led(_ core: inout Core, by leader: Int32? = 1, epoch: Int32 = 5) {
        core.metadataChanged { _ in (leader, epoch, .zero) }
    }

    private func data(_ text: String, next: Int64, bytes: Int = 10, epoch: Int32 = 5) -> Core.PartitionAnswer.Data {
        .init(payload: text, byteCount: bytes, nextOffset: next, lastEpoch: epoch)
    }

    /// Sends the next fetch to node 1 and answers it.
    private func exchange(_ core: inout Core, _ answers: [Core.PartitionAnswer], nowMs: Int64 = 0) -> Core.Effects? {
        guard let fetch = core.planFetch(node: 1, nowMs: nowMs) else { return nil }
        return core.fetchAnswered(fetch, answers, nowMs: nowMs, wallClockMs: 0)
    }

    private func taken(_ core: inout Core) -> String? {
        switch core.take() {
        case nil: nil
        case .success(let chunk): chunk.payload
        case .failure(let error): "\(error.code)"
        }
    }

    @Test func looksUpThenFetchesThenHandsOut() {
        var core = core()
        core.assign([(first, .beginning)])
        #expect(core.takeLookUps(nowMs: 0).isEmpty == true)
        led(&core)
        let lookUps = core.takeLookUps(nowMs: 0)
        #expect(lookUps.map(\.leader) == [1] && lookUps.map(\.start) == [.beginning])
        #expect(core.takeLookUps(nowMs: 0).isEmpty == true)
        #expect(core.planFetch(node: 1, nowMs: 0) == nil)
        #expect(core.lookedUp(lookUps[0], .offset(7, epoch: 3), nowMs: 0) == Core.Effects())
        #expect(core.partitions[first]?.position == 7)

        let fetch = core.planFetch(node: 1, nowMs: 0)
        #expect(fetch?.plan.targets.first?.offset == 7)
        #expect(fetch?.plan.targets.first?.leaderEpoch == 5)
        #expect(fetch?.plan.targets.first?.lastFetchedEpoch == 3)
        #expect(core.planFetch(node: 1, nowMs: 0) == nil, "a partition is in one fetch at a time")
        let answer = Core.PartitionAnswer(partition: first, highWatermark: 20, data: data("a", next: 12))
        #expect(fetch.map { core.fetchAnswered($0, [answer], nowMs: 0, wallClockMs: 0) } == .init(delivers: true))
        #expect(core.queuedBytes == 10)
        #expect(core.planFetch(node: 1, nowMs: 0)?.plan.targets.first?.offset == 12)
        #expect(taken(&core) == "a")
        #expect(core.queuedBytes == 0)
        #expect(taken(&core) == nil)
        #expect(core.partitions[first]?.highWatermark == 20)
    }

    @Test func anExplicitOffsetNeedsNoLookUp() {
        var core = core()
        core.assign([(first, .offset(42))])
        led(&core)
        #expect(core.takeLookUps(nowMs: 0).isEmpty == true)
        #expect(core.planFetch(node: 1, nowMs: 0)?.plan.targets.first?.offset == 42)
    }

    @Test func aTimeWithoutRecordLeadsToTheEnd() {
        var core = core()
        core.assign([(first, .timestamp(99))])
        led(&core)
        let lookUp = core.takeLookUps(nowMs: 0)[0]
        #expect(core.lookedUp(lookUp, .nothing, nowMs: 0) == .init(repositions: true))
        #expect(core.takeLookUps(nowMs: 0).map(\.start) == [.end])
    }

    @Test func seekingMakesOlderAnswersVoid() throws {
        var core = core()
        core.assign([(first, .offset(0))])
        led(&core)
        #expect(exchange(&core, [.init(partition: first, data: data("old", next: 5))]) == .init(delivers: true))
        let fetchFound = core.planFetch(node: 1, nowMs: 0)
        let fetch = try #require(fetchFound)
        #expect(core.seek(first, to: .offset(100)) == true)
        #expect(taken(&core) == nil)
        #expect(core.queuedBytes == 0)
        let late = Core.PartitionAnswer(partition: first, data: data("late", next: 9))
        #expect(core.fetchAnswered(fetch, [late], nowMs: 0, wallClockMs: 0) == .init())
        #expect(taken(&core) == nil)
        #expect(core.planFetch(node: 1, nowMs: 0)?.plan.targets.first?.offset == 100)
        #expect(core.seek(second, to: .end) == false)
    }

    @Test func pausedPartitionsKeepTheirData() {
        var core = core()
        core.assign([(first, .offset(0)), (second, .offset(0))])
        led(&core)
        _ = exchange(
            &core,
            [.init(partition: first, data: data("a", next: 1)), .init(partition: second, data: data("b", next: 1))]
        )
        core.setPaused(true, first)
        #expect(taken(&core) == "b")
        #expect(taken(&core) == nil)
        #expect(core.planFetch(node: 1, nowMs: 0)?.plan.targets.map(\.partition) == [second])
        core.setPaused(false, first)
        #expect(taken(&core) == "a")
    }

    @Test(arguments: [OffsetResetPolicy.earliest, .latest])
    func outOfRangeFollowsThePolicy(policy: OffsetResetPolicy) {
        var core = core(policy)
        core.assign([(first, .offset(5))])
        led(&core)
        #expect(exchange(&core, [.init(partition: first, error: .offsetOutOfRange)]) == .init(repositions: true))
        #expect(core.takeLookUps(nowMs: 0).map(\.start) == [policy == .earliest ? .beginning : .end])
    }

    @Test func outOfRangeWithoutPolicyIsReportedOnce() {
        var core = core(.none)
        core.assign([(first, .offset(5))])
        led(&core)
        #expect(exchange(&core, [.init(partition: first, error: .offsetOutOfRange)]) == .init(delivers: true))
        #expect(taken(&core) == "offsetOutOfRange")
        #expect(taken(&core) == nil)
        #expect(core.planFetch(node: 1, nowMs: 0) == nil)
        #expect(core.seek(first, to: .offset(0)) == true)
        #expect(core.planFetch(node: 1, nowMs: 0) != nil)
    }

    @Test func aFollowersOutOfRangeLeadsBackToTheLeader() throws {
        var core = core(.none)
        core.assign([(first, .offset(5))])
        led(&core)
        #expect(exchange(&core, [.init(partition: first, preferredReplica: 2)]) == .init())
        #expect(core.sources(nowMs: 0) == [2])
        let fetchFound = core.planFetch(node: 2, nowMs: 0)
        let fetch = try #require(fetchFound)
        let answer = Core.PartitionAnswer(partition: first, error: .offsetOutOfRange)
        #expect(core.fetchAnswered(fetch, [answer], nowMs: 0, wallClockMs: 0) == .init())
        #expect(core.sources(nowMs: 0) == [1])
        #expect(core.planFetch(node: 1, nowMs: 0) != nil)
    }

    @Test func aPreferredReplicaIsUsedForAWhile() {
        var core = core()
        core.assign([(first, .offset(5))])
        led(&core)
        _ = exchange(&core, [.init(partition: first, preferredReplica: 2)])
        #expect(core.sources(nowMs: 999) == [2])
        #expect(core.sources(nowMs: 1000) == [1])
        #expect(core.hasSource(2, nowMs: 0) && !core.hasSource(1, nowMs: 0))
    }

    @Test(arguments: [ErrorCode.notLeaderOrFollower, .unknownTopicOrPartition, .fencedLeaderEpoch, .unknownTopicId])
    func staleLeadersAreLearnedAnewAfterAPause(error: ErrorCode) {
        var core = core()
        core.assign([(first, .offset(5))])
        led(&core)
        #expect(exchange(&core, [.init(partition: first, error: error)]) == .init(refreshesMetadata: true))
        #expect(core.planFetch(node: 1, nowMs: 0) == nil)
        let dueMs = core.nextDueMs(nowMs: 0) ?? 0
        #expect((80...120).contains(dueMs))
        #expect(core.planFetch(node: 1, nowMs: dueMs) != nil)
    }

    @Test func aNewLeaderEndsThePause() {
        var core = core()
        core.assign([(first, .offset(5))])
        led(&core)
        _ = exchange(&core, [.init(partition: first, error: .notLeaderOrFollower)])
        led(&core, by: 2, epoch: 6)
        #expect(core.planFetch(node: 1, nowMs: 0) == nil)
        #expect(core.planFetch(node: 2, nowMs: 0) != nil)
    }

    @Test(arguments: [ErrorCode.topicAuthorizationFailed, .unsupportedCompressionType, .corruptMessage])
    func finalErrorsAreReported(error: ErrorCode) {
        var core = core()
        core.assign([(first, .offset(5)), (second, .offset(5))])
        led(&core)
        #expect(exchange(&core, [.init(partition: first, error: error)]) == .init(delivers: true))
        #expect(taken(&core) == (error == .corruptMessage ? "corruptBatch" : "broker"))
        #expect(core.planFetch(node: 1, nowMs: 0)?.plan.targets.map(\.partition) == [second])
    }

    @Test func aLostAnswerPausesAndRefreshes() throws {
        var core = core()
        core.assign([(first, .offset(5))])
        led(&core)
        let fetchFound = core.planFetch(node: 1, nowMs: 0)
        let fetch = try #require(fetchFound)
        #expect(core.fetchLost(fetch, nowMs: 0) == .init(refreshesMetadata: true))
        #expect(core.planFetch(node: 1, nowMs: 0) == nil)
        #expect(core.planFetch(node: 1, nowMs: 200) != nil)
    }

    @Test func aNewLeaderIsAskedWhetherTheLogStillAgrees() throws {
        var core = core()
        core.assign([(first, .offset(5))])
        led(&core)
        _ = exchange(&core, [.init(partition: first, data: data("a", next: 9))])
        led(&core, by: 2, epoch: 6)
        #expect(core.planFetch(node: 2, nowMs: 0) == nil)
        let checkFound = core.takeChecks(nowMs: 0).first
        let check = try #require(checkFound)
        #expect(check.leader == 2 && check.leaderEpoch == 6 && check.positionEpoch == 5 && check.offset == 9)
        #expect(core.checked(check, .offset(9, epoch: 5), nowMs: 0, wallClockMs: 0) == .init())
        #expect(core.planFetch(node: 2, nowMs: 0)?.plan.targets.first?.offset == 9)
    }

    @Test func aTruncatedLogIsReadAgainFromWhereItAgrees() throws {
        var core = core(.earliest)
        core.assign([(first, .offset(5))])
        led(&core)
        _ = exchange(&core, [.init(partition: first, data: data("a", next: 9))])
        _ = core.take()
        core.delivered(first, generation: core.partitions[first]?.generation ?? 0, nextOffset: 9)
        led(&core, by: 2, epoch: 6)
        let checkFound = core.takeChecks(nowMs: 0).first
        let check = try #require(checkFound)
        #expect(core.checked(check, .offset(7, epoch: 4), nowMs: 0, wallClockMs: 0) == .init(repositions: true))
        let target = core.planFetch(node: 2, nowMs: 0)?.plan.targets.first
        #expect(target?.offset == 7 && target?.lastFetchedEpoch == 4)
    }

    @Test func aTruncatedLogWithoutPolicyIsReported() {
        var core = core(.none)
        core.assign([(first, .offset(5))])
        led(&core)
        _ = exchange(&core, [.init(partition: first, diverging: (epoch: 3, endOffset: 2))])
        #expect(taken(&core) == "logTruncated")
    }

    @Test func divergenceDropsWhatWasQueuedBeyond() {
        var core = core(.latest)
        core.assign([(first, .offset(5))])
        led(&core)
        _ = exchange(&core, [.init(partition: first, data: data("a", next: 9))])
        _ = exchange(&core, [.init(partition: first, diverging: (epoch: 3, endOffset: 7))])
        #expect(taken(&core) == nil)
        #expect(core.planFetch(node: 1, nowMs: 0)?.plan.targets.first?.offset == 5, "nothing had been handed out")
    }

    @Test func aTopicMadeAnewForgetsEpochs() {
        var core = core()
        core.assign([(first, .offset(5))])
        core.metadataChanged { _ in (1, 5, KafkaUUID(high: 1, low: 1)) }
        _ = exchange(&core, [.init(partition: first, data: data("a", next: 9))])
        core.metadataChanged { _ in (1, 0, KafkaUUID(high: 2, low: 2)) }
        #expect(core.takeChecks(nowMs: 0).isEmpty == true)
        #expect(core.planFetch(node: 1, nowMs: 0)?.plan.targets.first?.lastFetchedEpoch == -1)
    }

    @Test func unassignedPartitionsLeaveNothingBehind() {
        var core = core()
        core.assign([(first, .offset(5)), (second, .offset(0))])
        led(&core)
        _ = exchange(&core, [.init(partition: first, data: data("a", next: 9))])
        core.unassign([first])
        #expect(taken(&core) == nil)
        #expect(core.queuedBytes == 0)
        #expect(core.planFetch(node: 1, nowMs: 0)?.plan.targets.map(\.partition) == [second])
    }
}

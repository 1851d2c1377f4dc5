import KafkaMessages
import Testing

@testable import KafkaCoordination

@Suite struct PartitionReplicaTests {
    private func image(
        leader: Int32 = 1,
        epoch: Int32 = 0,
        partitionEpoch: Int32 = 0,
        replicas: [Int32] = [1, 2, 3],
        isr: [Int32] = [1, 2, 3]
    ) -> PartitionImage {
        PartitionImage(
            replicas: replicas,
            isr: isr,
            leader: leader,
            leaderEpoch: epoch,
            partitionEpoch: partitionEpoch
        )
    }

    @Test func aloneItsHighWatermarkIsItsLogEnd() {
        var replica = PartitionReplica(localID: 1, logEnd: 4, highWatermark: 2)
        let alone = image(epoch: 3, replicas: [1], isr: [1])
        #expect(replica.metadataChanged(alone, nowMs: 0) == .becameLeader(epoch: 3, start: 4))
        #expect(replica.highWatermark == 4)
        #expect(replica.appended(to: 6) == true)
        #expect(replica.highWatermark == 6)
        #expect(replica.appended(to: 6) == false)
    }

    @Test func waitsForEveryMemberOfTheISR() {
        var replica = PartitionReplica(localID: 1, logEnd: 0, highWatermark: 0)
        _ = replica.metadataChanged(image(), nowMs: 0)
        #expect(replica.appended(to: 10) == false)
        #expect(replica.fetched(2, offset: 10, nowMs: 1) == false)
        #expect(replica.fetched(3, offset: 7, nowMs: 2) == true)
        #expect(replica.highWatermark == 7)
        // Out of the ISR, 3 holds nobody up.
        _ = replica.metadataChanged(image(partitionEpoch: 1, isr: [1, 2]), nowMs: 3)
        #expect(replica.highWatermark == 10)
        #expect(replica.fetched(9, offset: 10, nowMs: 4) == false, "not a replica")
    }

    @Test func standsStillBelowTheMinimum() {
        var replica = PartitionReplica(localID: 1, logEnd: 0, highWatermark: 0, minimumInSync: 2)
        _ = replica.metadataChanged(image(isr: [1]), nowMs: 0)
        #expect(!replica.hasEnoughInSync)
        #expect(replica.appended(to: 5) == false)
        replica.minimumInSync = 9
        #expect(replica.effectiveMinimumInSync == 3)
    }

    @Test func fallsBackOnlyByTruncation() {
        var replica = PartitionReplica(localID: 1, logEnd: 8, highWatermark: 8)
        _ = replica.metadataChanged(image(), nowMs: 0)
        #expect(replica.highWatermark == 8)
        #expect(replica.fetched(2, offset: 3, nowMs: 1) == false)
        #expect(replica.highWatermark == 8)
        #expect(
            replica.metadataChanged(image(leader: 2, epoch: 1, partitionEpoch: 1), nowMs: 2)
                == .becameFollower(leader: 2)
        )
        replica.truncated(to: 5)
        #expect(replica.highWatermark == 5)
    }

    @Test func ignoresOldNews() {
        var replica = PartitionReplica(localID: 1, logEnd: 0, highWatermark: 0)
        _ = replica.metadataChanged(image(epoch: 2, partitionEpoch: 5), nowMs: 0)
        #expect(replica.metadataChanged(image(epoch: 2, partitionEpoch: 5), nowMs: 1) == .none)
        #expect(replica.metadataChanged(image(epoch: 1, partitionEpoch: 6), nowMs: 1) == .none)
        #expect(replica.metadataChanged(image(epoch: 2, partitionEpoch: 6), nowMs: 1) == .updated)
    }

    @Test func caughtUpMeansTheEndOfTheLastRound() {
        var replica = PartitionReplica(localID: 1, logEnd: 10, highWatermark: 10)
        _ = replica.metadataChanged(image(), nowMs: 0)
        replica.fetched(2, offset: 10, nowMs: 100)
        #expect(replica.progress(of: 2)?.caughtUpMs == 100)
        _ = replica.appended(to: 20)
        replica.fetched(2, offset: 10, nowMs: 200)
        _ = replica.appended(to: 30)
        // It has what the leader had when it asked at 200.
        replica.fetched(2, offset: 20, nowMs: 300)
        #expect(replica.progress(of: 2)?.caughtUpMs == 200)
    }

    // MARK: The ISR

    /// Three active brokers, of which `isr` is in sync.
    private func leading(isr: [Int32], logEnd: Int64 = 10, minimumInSync: Int = 1) -> PartitionReplica {
        var replica = PartitionReplica(localID: 1, logEnd: logEnd, highWatermark: 0, minimumInSync: minimumInSync)
        _ = replica.metadataChanged(image(isr: isr), nowMs: 0)
        _ = replica.brokersChanged([1: 11, 2: 12, 3: 13])
        return replica
    }

    @Test func whoLagsLeavesOnceTheControllerAgrees() {
        var replica = leading(isr: [1, 2, 3])
        replica.fetched(2, offset: 10, nowMs: 100)
        replica.fetched(3, offset: 4, nowMs: 100)
        #expect(replica.checkInSync(nowMs: 30_000).proposal == nil)
        let proposal = replica.checkInSync(nowMs: 30_001).proposal
        #expect(proposal?.members == [1, 2])
        #expect(proposal?.isr.map(\.brokerEpoch) == [11, 12])
        #expect(replica.checkInSync(nowMs: 50_000).proposal == nil, "one at a time")
        #expect(replica.highWatermark == 4, "it counts until the controller has agreed")
        guard let proposal else { return }
        let answer = InSyncAnswer.partition(leader: 1, leaderEpoch: 0, isr: [1, 2], partitionEpoch: 1)
        #expect(replica.answered(proposal, answer) == .done(didAdvance: true))
        #expect(replica.isr == [1, 2])
        #expect(replica.highWatermark == 10)
        // The metadata say the same later, and may say more.
        #expect(
            replica.metadataChanged(image(partitionEpoch: 1, replicas: [1, 2], isr: [1, 2]), nowMs: 1) == .updated
        )
        #expect(replica.replicas == [1, 2])
    }

    @Test func whoIsCaughtUpIsProposedAndCountsFromThenOn() throws {
        var replica = leading(isr: [1, 2])
        replica.fetched(2, offset: 10, nowMs: 1)
        #expect(replica.highWatermark == 10)
        #expect(replica.follow(3, offset: 9, nowMs: 2).proposal == nil, "behind the high watermark")
        let proposal = try #require(replica.follow(3, offset: 10, nowMs: 3).proposal)
        #expect(proposal.members == [1, 2, 3])
        _ = replica.appended(to: 12)
        replica.fetched(2, offset: 12, nowMs: 4)
        #expect(replica.highWatermark == 10, "the controller may have agreed already")
        #expect(replica.answered(proposal, .unknown) == .retry)
        #expect(replica.answered(proposal, .error(.notController)) == .retry)
        #expect(replica.answered(proposal, .error(.invalidUpdateVersion)) == .done(didAdvance: false))
        #expect(replica.pending == proposal, "the metadata will tell")
        // Caught up a moment ago it is waited for all the same, until it lags.
        #expect(replica.answered(proposal, .error(.ineligibleReplica)) == .done(didAdvance: false))
        #expect(replica.pending == nil)
        #expect(replica.checkInSync(nowMs: 40_000).didAdvance == true)
        #expect(replica.highWatermark == 12)
    }

    @Test func onlyWhoTakesPartMayJoin() {
        var replica = leading(isr: [1])
        _ = replica.brokersChanged([1: 11])
        #expect(replica.follow(2, offset: 10, epoch: 12, nowMs: 1).proposal == nil, "fenced")
        _ = replica.brokersChanged([1: 11, 2: 13])
        #expect(replica.follow(2, offset: 10, epoch: 12, nowMs: 1).proposal == nil, "of an earlier start")
        #expect(replica.follow(2, offset: 10, epoch: 13, nowMs: 2).proposal?.members == [1, 2])
    }

    @Test func waitsForOneThatIsAboutToJoinUnderLoad() {
        var replica = leading(isr: [1])
        #expect(replica.highWatermark == 10)
        replica.fetched(2, offset: 10, nowMs: 1)
        #expect(replica.pending?.members == [1, 2])
        var slow = leading(isr: [1])
        slow.fetched(2, offset: 3, nowMs: 1)
        _ = slow.appended(to: 20)
        #expect(slow.highWatermark == 20, "far behind: nobody waits")
        // It has all that there was at its last fetch, and would never reach a high watermark that runs ahead.
        slow.fetched(2, offset: 20, nowMs: 2)
        if let pending = slow.pending { _ = slow.answered(pending, .error(.ineligibleReplica)) }
        _ = slow.appended(to: 30)
        #expect(slow.highWatermark == 20)
        #expect(slow.follow(2, offset: 20, nowMs: 3).proposal != nil)
    }

    @Test func mustReachTheStartOfTheEpochToJoin() {
        var replica = PartitionReplica(localID: 1, logEnd: 10, highWatermark: 4, minimumInSync: 2)
        _ = replica.metadataChanged(image(epoch: 1, isr: [1]), nowMs: 0)
        _ = replica.brokersChanged([1: 11, 2: 12])
        #expect(replica.highWatermark == 4)
        #expect(replica.follow(2, offset: 6, nowMs: 1).proposal == nil)
        #expect(replica.follow(2, offset: 10, nowMs: 1).proposal != nil)
    }

    @Test func oldNewsOfAProposalChangeNothing() throws {
        var replica = leading(isr: [1, 2])
        let proposal = try #require(replica.follow(3, offset: 10, nowMs: 1).proposal)
        _ = replica.metadataChanged(image(epoch: 1, partitionEpoch: 1, isr: [1, 2]), nowMs: 2)
        #expect(replica.pending == nil)
        let answer = InSyncAnswer.partition(leader: 1, leaderEpoch: 0, isr: [1, 2, 3], partitionEpoch: 1)
        #expect(replica.answered(proposal, answer) == .done(didAdvance: false))
        #expect(replica.isr == [1, 2])
    }

    @Test func metadataThatSayWhatWasAnsweredLeaveTheNextProposal() throws {
        var replica = leading(isr: [1])
        let first = try #require(replica.follow(2, offset: 10, nowMs: 1).proposal)
        let agreed = InSyncAnswer.partition(leader: 1, leaderEpoch: 0, isr: [1, 2], partitionEpoch: 1)
        _ = replica.answered(first, agreed)
        let second = try #require(replica.follow(3, offset: 10, nowMs: 2).proposal)
        #expect(replica.metadataChanged(image(partitionEpoch: 1, isr: [1, 2]), nowMs: 3) == .updated)
        #expect(replica.pending == second, "the controller may agree to it at any time")
    }

    // MARK: Serving and following

    @Test func comparesEpochs() {
        var replica = PartitionReplica(localID: 1, logEnd: 0, highWatermark: 0)
        _ = replica.metadataChanged(image(epoch: 4), nowMs: 0)
        #expect(replica.refusal(currentEpoch: 3) == .fencedLeaderEpoch)
        #expect(replica.refusal(currentEpoch: 5) == .unknownLeaderEpoch)
        #expect(replica.refusal(currentEpoch: 4) == nil)
        _ = replica.brokersChanged([1: 11, 2: 12])
        #expect(replica.refusal(of: ReplicaFetch(replica: 2, brokerEpoch: 11, offset: 0)) == .notLeaderOrFollower)
        #expect(replica.refusal(of: ReplicaFetch(replica: 2, brokerEpoch: 12, offset: 0)) == nil)
        #expect(replica.refusal(of: ReplicaFetch(replica: 7, brokerEpoch: 1, offset: 0)) == .notLeaderOrFollower)
        _ = replica.metadataChanged(image(leader: 2, epoch: 5, partitionEpoch: 1), nowMs: 0)
        #expect(replica.refusal(currentEpoch: -1) == .notLeaderOrFollower)
        #expect(replica.refusal(currentEpoch: 5, allowsFollower: true) == nil)
    }

    @Test func knowsWhereEpochsEndBeforeItsOwnHasRecords() {
        var replica = PartitionReplica(localID: 1, logEnd: 20, highWatermark: 0)
        _ = replica.metadataChanged(image(epoch: 9), nowMs: 0)
        let end = { (epoch: Int32) in
            replica.epochEnd(of: epoch, latest: 5) { PartitionReplica.EpochEnd(epoch: $0, endOffset: 7) }
        }
        #expect(end(9) == .init(epoch: 9, endOffset: 20))
        // A leader of epoch 6 wrote what nobody here has.
        #expect(end(6) == .init(epoch: 5, endOffset: 20))
        #expect(end(5) == .init(epoch: 5, endOffset: 20))
        #expect(end(4) == .init(epoch: 4, endOffset: 7))
        #expect(end(10) == nil)
    }

    @Test func aFollowersHighWatermarkEndsWithItsLog() {
        var replica = PartitionReplica(localID: 1, logEnd: 5, highWatermark: 3)
        _ = replica.metadataChanged(image(leader: 2, epoch: 1), nowMs: 0)
        #expect(replica.followed(to: 8, leaderHighWatermark: 20) == true)
        #expect(replica.highWatermark == 8)
        #expect(replica.followed(to: 9, leaderHighWatermark: 6) == false, "never back")
        #expect(replica.highWatermark == 8)
        replica.restarted(at: 40)
        #expect(replica.highWatermark == 40)
    }

    @Test func remembersSinceWhenItLeads() {
        var replica = PartitionReplica(localID: 1, logEnd: 5, highWatermark: 3)
        _ = replica.metadataChanged(image(epoch: 3), nowMs: 0)
        _ = replica.metadataChanged(image(epoch: 4, partitionEpoch: 1), nowMs: 0)
        #expect(replica.leadsSince == 3)
        // Somebody else may have led in between.
        _ = replica.metadataChanged(image(epoch: 6, partitionEpoch: 3), nowMs: 0)
        #expect(replica.leadsSince == 6)
    }
}

extension PartitionReplica {
    fileprivate mutating func follow(
        _ replica: Int32,
        offset: Int64,
        epoch: Int64 = -1,
        nowMs: Int64
    ) -> Fetched {
        followerFetched(ReplicaFetch(replica: replica, brokerEpoch: epoch, offset: offset), nowMs: nowMs)
    }

    /// Whether the high watermark moved.
    @discardableResult
    fileprivate mutating func fetched(_ replica: Int32, offset: Int64, nowMs: Int64) -> Bool {
        follow(replica, offset: offset, nowMs: nowMs).didAdvance
    }
}

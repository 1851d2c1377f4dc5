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
        #expect(replica.followerFetched(2, offset: 10, nowMs: 1) == false)
        #expect(replica.followerFetched(3, offset: 7, nowMs: 2) == true)
        #expect(replica.highWatermark == 7)
        // Out of the ISR, 3 holds nobody up.
        _ = replica.metadataChanged(image(partitionEpoch: 1, isr: [1, 2]), nowMs: 3)
        #expect(replica.highWatermark == 10)
        #expect(replica.followerFetched(9, offset: 10, nowMs: 4) == false, "not a replica")
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
        #expect(replica.followerFetched(2, offset: 3, nowMs: 1) == false)
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
        _ = replica.followerFetched(2, offset: 10, nowMs: 100)
        #expect(replica.progress(of: 2)?.caughtUpMs == 100)
        _ = replica.appended(to: 20)
        _ = replica.followerFetched(2, offset: 10, nowMs: 200)
        _ = replica.appended(to: 30)
        // It has what the leader had when it asked at 200.
        _ = replica.followerFetched(2, offset: 20, nowMs: 300)
        #expect(replica.progress(of: 2)?.caughtUpMs == 200)
    }
}

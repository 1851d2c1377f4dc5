import KafkaClient
import Testing

@Suite struct FetchPlannerTests {
    private func partition(_ index: Int32) -> TopicPartition { TopicPartition(topic: "t", partition: index) }

    private func planner(partitions: Int32, maxQueued: Int = 10_000) -> FetchPlanner {
        var planner = FetchPlanner(
            limits: .init(
                maxQueuedBytes: maxQueued,
                maxBytes: 5000,
                maxPartitionBytes: 1000,
                minBytes: 1,
                maxWaitMs: 500
            )
        )
        planner.add((0..<partitions).map(partition))
        return planner
    }

    private func candidate(_ partition: TopicPartition, queued: Int = 0) -> FetchPlanner.Candidate {
        FetchPlanner.Candidate(
            target: FetchTarget(partition: partition, offset: 0, maxBytes: 1000),
            queuedBytes: queued
        )
    }

    private func order(_ plan: FetchPlanner.Plan?) -> [Int32] {
        plan?.targets.map(\.partition.partition) ?? []
    }

    @Test func asksForEveryCandidate() {
        let plan = planner(partitions: 3).plan(queuedBytes: 0) { $0.partition == 1 ? nil : candidate($0) }
        #expect(order(plan) == [0, 2])
        #expect(plan?.maxBytes == 5000)
        #expect(plan?.maxWaitMs == 500)
    }

    @Test func nothingToAskIsNoPlan() {
        #expect(planner(partitions: 3).plan(queuedBytes: 0) { _ in nil } == nil)
        #expect(planner(partitions: 0).plan(queuedBytes: 0) { candidate($0) } == nil)
    }

    @Test func asksForNoMoreThanThereIsRoom() {
        let planner = planner(partitions: 1)
        #expect(planner.plan(queuedBytes: 8000) { candidate($0) }?.maxBytes == 2000)
        #expect(planner.plan(queuedBytes: 9999) { candidate($0) }?.maxBytes == 1)
        #expect(planner.plan(queuedBytes: 10_000) { candidate($0) } == nil)
    }

    @Test func thoseThatWereServedComeLast() {
        var planner = planner(partitions: 4)
        planner.served([partition(0), partition(2)])
        #expect(order(planner.plan(queuedBytes: 0) { candidate($0) }) == [1, 3, 0, 2])
        planner.remove(partition(3))
        planner.add([partition(3), partition(1)])
        #expect(order(planner.plan(queuedBytes: 0) { candidate($0) }) == [1, 0, 2, 3])
    }

    @Test func aFullPartitionIsLeftOutAndTheOthersWaitShortly() {
        let planner = planner(partitions: 2)
        let plan = planner.plan(queuedBytes: 5000) { candidate($0, queued: $0.partition == 0 ? 5000 : 0) }
        #expect(order(plan) == [1])
        #expect(plan?.maxWaitMs == FetchPlanner.crowdedWaitMs)
    }

    @Test func onePartitionMayUseAllTheMemory() {
        let planner = planner(partitions: 1)
        #expect(order(planner.plan(queuedBytes: 9000) { candidate($0, queued: 9000) }) == [0])
    }
}

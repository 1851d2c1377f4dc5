import KafkaClient
import Testing

@Suite struct SubscriptionTests {
    private func starts(_ found: [(partition: TopicPartition, start: StartPosition)]) -> [String] {
        found.map { "\($0.partition) \($0.start)" }
    }

    @Test func laterPartitionsAreReadFromTheirBeginning() {
        var subscription = Subscription()
        subscription.add(topics: ["t"], start: .end)
        #expect(starts(subscription.take(topic: "t", partitions: [1, 0])) == ["t-0 end", "t-1 end"])
        #expect(starts(subscription.take(topic: "t", partitions: [0, 1])) == [])
        #expect(starts(subscription.take(topic: "t", partitions: [0, 1, 2])) == ["t-2 beginning"])
        #expect(starts(subscription.take(topic: "u", partitions: [0])) == [])
    }

    @Test func aDeletedTopicComesBackFromItsBeginning() {
        var subscription = Subscription()
        subscription.add(topics: ["t"], start: .end)
        _ = subscription.take(topic: "t", partitions: [0])
        #expect(subscription.removed(topic: "t") == [TopicPartition(topic: "t", partition: 0)])
        #expect(subscription.removed(topic: "t") == [])
        #expect(starts(subscription.take(topic: "t", partitions: [0])) == ["t-0 beginning"])
    }

    @Test func topicsAreChosenByName() {
        var subscription = Subscription()
        #expect(subscription.isEmpty)
        subscription.setPattern(start: .beginning) { $0.hasPrefix("a") }
        #expect(subscription.hasPattern && !subscription.isEmpty)
        #expect(subscription.wants("abc") && !subscription.wants("b"))
        #expect(starts(subscription.take(topic: "abc", partitions: [0])) == ["abc-0 beginning"])
        subscription.removeAll()
        #expect(subscription.isEmpty)
    }
}

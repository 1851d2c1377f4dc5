import KafkaStorage
import Testing

@testable import KafkaBroker

@Suite struct DiskFailuresTests {
    @Test func aFailureIsNewsOnceInAWhile() {
        let failures = DiskFailures()
        let first = TopicPartition(topic: "t", partition: 0)
        #expect(failures.isNews(first, nowMs: 0))
        #expect(!failures.isNews(first, nowMs: 9_999))
        #expect(failures.isNews(TopicPartition(topic: "t", partition: 1), nowMs: 5))
        #expect(failures.isNews(first, nowMs: 10_000))
    }
}

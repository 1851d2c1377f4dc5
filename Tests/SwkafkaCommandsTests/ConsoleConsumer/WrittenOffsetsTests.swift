import KafkaClient
import Testing

@testable import SwkafkaCommands

/// What a console consumer tells its group.
@Suite struct WrittenOffsetsTests {
    private let written = WrittenOffsets()
    private let partition = TopicPartition(topic: "t", partition: 0)
    private let other = TopicPartition(topic: "t", partition: 1)

    /// What is pending while the consumer stands at these offsets of the two partitions.
    private func pending(at offset: Int64, _ otherOffset: Int64) -> [TopicPartition: Int64] {
        written.pending(at: [partition: OffsetAndMetadata(offset), other: OffsetAndMetadata(otherOffset)])
            .mapValues(\.offset)
    }

    @Test func whatWasWrittenWholeStandsWhereTheConsumerDoes() {
        written.note(partition, next: 10, leaderEpoch: -1)
        // A marker was passed over; nothing came of the other yet.
        #expect(pending(at: 11, 7) == [partition: 11, other: 7])
        written.committed(written.pending(at: [partition: OffsetAndMetadata(11), other: OffsetAndMetadata(7)]))
        #expect(pending(at: 11, 7).isEmpty)
        #expect(pending(at: 12, 7) == [partition: 12])
    }

    @Test func whatWasCutStaysWhereItWasWrittenTo() {
        written.note(partition, next: 10, leaderEpoch: -1)
        written.noteCut(partition)
        // More of it comes, which is not wanted either, and lies behind what is missing.
        written.note(partition, next: 20, leaderEpoch: -1)
        #expect(pending(at: 30, 7) == [partition: 10, other: 7])
        written.forget([partition])
        #expect(pending(at: 30, 7) == [partition: 30, other: 7])
    }

    @Test func whatWasCutBeforeAnythingWasWrittenIsNotCommitted() {
        written.noteCut(partition)
        #expect(pending(at: 30, 7) == [other: 7])
    }
}

import KafkaClient
import Testing

@Suite struct AbortedTransactionFilterTests {
    typealias Batch = AbortedTransactionFilter.Batch

    private func data(_ producer: Int64, last: Int64) -> Batch {
        Batch(producerID: producer, lastOffset: last, kind: .transactional)
    }

    private func marker(_ producer: Int64, at offset: Int64, abort: Bool) -> Batch {
        Batch(producerID: producer, lastOffset: offset, kind: .control(isAbort: abort))
    }

    @Test func hidesAbortedRecordsUpToTheMarker() {
        var filter = AbortedTransactionFilter([(producerID: 1, firstOffset: 10)])
        #expect(filter.delivers(data(1, last: 9)) == true)
        #expect(filter.delivers(data(1, last: 12)) == false)
        #expect(filter.delivers(Batch(producerID: -1, lastOffset: 13, kind: .plain)) == true)
        #expect(filter.delivers(data(2, last: 14)) == true)
        #expect(filter.delivers(data(1, last: 15)) == false)
        #expect(filter.delivers(marker(1, at: 16, abort: true)) == false)
        #expect(filter.delivers(data(1, last: 17)) == true)
    }

    @Test func markersAreNeverDelivered() {
        var filter = AbortedTransactionFilter([])
        #expect(filter.delivers(marker(1, at: 0, abort: false)) == false)
        #expect(filter.delivers(marker(1, at: 1, abort: true)) == false)
    }

    @Test func oneProducerMayAbortSeveralTimes() {
        var filter = AbortedTransactionFilter([
            (producerID: 1, firstOffset: 30), (producerID: 1, firstOffset: 10), (producerID: 2, firstOffset: 20),
        ])
        #expect(filter.delivers(data(1, last: 10)) == false)
        #expect(filter.delivers(marker(1, at: 11, abort: true)) == false)
        #expect(filter.delivers(data(1, last: 12)) == true)
        #expect(filter.delivers(marker(1, at: 13, abort: false)) == false)
        #expect(filter.delivers(data(2, last: 20)) == false)
        #expect(filter.delivers(data(1, last: 30)) == false)
        #expect(filter.delivers(marker(2, at: 31, abort: true)) == false)
        #expect(filter.delivers(data(2, last: 32)) == true)
        #expect(filter.delivers(data(1, last: 33)) == false)
    }

    @Test func idempotentRecordsOutsideATransactionAreDelivered() {
        var filter = AbortedTransactionFilter([(producerID: 1, firstOffset: 0)])
        #expect(filter.delivers(Batch(producerID: 1, lastOffset: 5, kind: .plain)) == true)
    }

    @Test func transactionsBeyondTheAnswerDoNotMatter() {
        var filter = AbortedTransactionFilter([(producerID: 1, firstOffset: 100)])
        #expect(filter.delivers(data(1, last: 99)) == true)
    }
}

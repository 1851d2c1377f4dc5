import KafkaWire
import NIOCore
import Testing

@Suite struct ControlRecordTests {
    @Test(arguments: [("batch-v2-commit-marker", true), ("batch-v2-abort-marker", false)])
    func markersAreThoseOfOthers(_ name: String, _ isCommit: Bool) throws {
        let vector = try #require(RecordVectors.all("record_batch").first { $0.name == name })
        let marker = EndTransactionMarker(isCommit: isCommit, coordinatorEpoch: 12)
        let batch = try marker.batch(
            producerId: 4000,
            producerEpoch: 3,
            timestampMs: 1_700_000_000_000,
            partitionLeaderEpoch: 0
        )
        #expect(batch.hex == vector.hex)
        let view = try RecordBatchView(batch)
        #expect(view.header.isControl && view.header.isTransactional)
        #expect(try EndTransactionMarker(#require(readAll(view).first)) == marker)
    }

    @Test func everyTypeHasItsKey() {
        for type in ControlRecordType.allCases { #expect(ControlRecordType(key: type.key) == type) }
    }

    @Test func otherKeysAreIgnored() {
        #expect(ControlRecordType(key: nil) == nil)
        #expect(ControlRecordType(key: ByteBuffer(hex: "")) == nil)
        #expect(ControlRecordType(key: ByteBuffer(hex: "000000")) == nil)
        #expect(ControlRecordType(key: ByteBuffer(hex: "00000007")) == nil)
        #expect(ControlRecordType(key: ByteBuffer(hex: "ffff0001")) == nil)
        // A later version of the key may be longer; the type stays where it is.
        #expect(ControlRecordType(key: ByteBuffer(hex: "0001000100")) == .commit)
    }

    @Test func otherValuesAreNoMarkers() {
        for value in ["", "0000", "0000000000", "ffff0000000c"] {
            let record = RecordView(
                offset: 0,
                timestampMs: 0,
                key: ControlRecordType.commit.key,
                value: ByteBuffer(hex: value),
                headers: RecordHeaders()
            )
            #expect(EndTransactionMarker(record) == nil)
        }
    }

    @Test func controlRecordsOfRaft() throws {
        let message = ByteBuffer(hex: "00000000000102000000010002000000010000")
        let batch = try RecordBatchBuilder.controlBatch(.leaderChange, value: message, timestampMs: 5)
        let view = try RecordBatchView(batch)
        #expect(view.header.isControl && !view.header.isTransactional && !view.header.hasProducerId)
        let record = try #require(try readAll(view).first)
        #expect(ControlRecordType(key: record.key) == .leaderChange)
        #expect(record.value == message)
    }
}

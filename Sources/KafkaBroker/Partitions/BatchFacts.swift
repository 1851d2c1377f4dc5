import KafkaCoordination
import NIOCore

/// The few facts of a batch's header that decide before the batch is looked at as a whole; nil when it is too short or
/// of another format, which validation will say.
struct BatchFacts {
    let isTransactional: Bool
    let isControl: Bool
    let isZstd: Bool
    let producerID: Int64
    let producerEpoch: Int16
    let firstSequence: Int32

    init?(_ batch: ByteBuffer) {
        guard batch.getInteger(at: batch.readerIndex + 16, as: Int8.self) == 2,
            let attributes = batch.getInteger(at: batch.readerIndex + 21, as: Int16.self),
            let producerID = batch.getInteger(at: batch.readerIndex + 43, as: Int64.self),
            let producerEpoch = batch.getInteger(at: batch.readerIndex + 51, as: Int16.self),
            let firstSequence = batch.getInteger(at: batch.readerIndex + 53, as: Int32.self)
        else { return nil }
        isTransactional = attributes & 0x10 != 0
        isControl = attributes & 0x20 != 0
        isZstd = attributes & 0x07 == 4
        self.producerID = producerID
        self.producerEpoch = producerEpoch
        self.firstSequence = firstSequence
    }

    /// Those of a coordinator's own records, which have no sequence.
    init(transactionOf producer: TransactionalProducer) {
        isTransactional = true
        isControl = false
        isZstd = false
        producerID = producer.id
        producerEpoch = producer.epoch
        firstSequence = -1
    }
}

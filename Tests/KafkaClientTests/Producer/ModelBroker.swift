import KafkaMessages
import KafkaWire

@testable import KafkaClient

/// One partition as a broker keeps it: what is in the log, and what it remembers of producers.
struct ModelPartition {
    private struct Remembered {
        var epoch: Int16
        /// First and last sequence and the offset, of the last five batches.
        var batches: [(first: Int32, last: Int32, offset: Int64)]
    }

    /// Numbers of the records in the log.
    private(set) var log: [Int] = []
    private var producers: [Int64: Remembered] = [:]
    /// The largest batch it takes, in bytes.
    let maximumBatchSize: Int

    init(maximumBatchSize: Int) {
        self.maximumBatchSize = maximumBatchSize
    }

    /// Appends a batch by the rules for sequences of idempotent producers, and answers as a leader does.
    mutating func append(_ batch: OutgoingBatch) -> BatchAnswer {
        guard let header = batch.header else { return AccumulatorFixture.refused(.corruptMessage) }
        guard header.sizeInBytes <= maximumBatchSize else { return AccumulatorFixture.refused(.messageTooLarge) }
        var remembered = producers[header.producerId] ?? Remembered(epoch: header.producerEpoch, batches: [])
        guard header.producerEpoch >= remembered.epoch else { return AccumulatorFixture.refused(.invalidProducerEpoch) }
        if header.producerEpoch > remembered.epoch {
            guard header.baseSequence == 0 else { return AccumulatorFixture.refused(.outOfOrderSequenceNumber) }
            remembered = Remembered(epoch: header.producerEpoch, batches: [])
        }
        let last = header.lastSequence
        if let known = remembered.batches.first(where: { $0.first == header.baseSequence && $0.last == last }) {
            return AccumulatorFixture.written(at: known.offset)
        }
        if let previous = remembered.batches.last {
            guard header.baseSequence == SequenceLedger.advance(previous.last, by: 1) else {
                return AccumulatorFixture.refused(.outOfOrderSequenceNumber)
            }
        }
        let offset = Int64(log.count)
        log += batch.numbers
        remembered.batches.append((header.baseSequence, last, offset))
        remembered.batches = remembered.batches.suffix(5)
        producers[header.producerId] = remembered
        return AccumulatorFixture.written(at: offset)
    }
}

/// The records of a consumer, one by one, as they come; it never ends by itself.
///
/// Convenient rather than fast: ``KafkaConsumer/nextBatch(timeout:)`` hands out whole batches and makes no object for a
/// record. A call may be cancelled while it waits; it then throws ``KafkaClientError/Code/cancelled``.
public struct ConsumerRecords: AsyncSequence, Sendable {
    public typealias Element = ConsumedRecord
    public typealias Failure = KafkaClientError

    let consumer: KafkaConsumer

    /// Starts to take records from the consumer; several iterators share what it fetches.
    public func makeAsyncIterator() -> Iterator {
        Iterator(consumer: consumer)
    }

    /// Takes one record after another.
    public struct Iterator: AsyncIteratorProtocol {
        let consumer: KafkaConsumer
        private var records: ConsumedBatch.Records?

        init(consumer: KafkaConsumer) {
            self.consumer = consumer
        }

        /// The next record, waited for.
        ///
        /// - Throws: as ``KafkaConsumer/nextBatch(timeout:)`` does, and for a batch that cannot be read.
        public mutating func next(
            isolation actor: isolated (any Actor)? = #isolation
        ) async throws(KafkaClientError) -> ConsumedRecord? {
            while true {
                if let record = try records?.next() { return record }
                records = nil
                records = try await consumer.nextBatch()?.records()
            }
        }

        /// As ``next(isolation:)``.
        public mutating func next() async throws(KafkaClientError) -> ConsumedRecord? {
            try await next(isolation: nil)
        }
    }
}

extension KafkaConsumer {
    /// The records of this consumer, one by one.
    public var records: ConsumerRecords { ConsumerRecords(consumer: self) }
}

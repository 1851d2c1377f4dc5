import KafkaCoordination
import KafkaMessages
import Synchronization

/// Hands out producer ids, taking blocks of them from the controller.
final class ProducerIDAllocator: Sendable {
    private let block = Mutex<Range<Int64>>(0..<0)

    /// A producer id that was never given out before.
    func next(
        _ allocate: () throws(PartitionError) -> AllocateProducerIdsResponse
    ) throws(PartitionError) -> Int64 {
        try block.withLock { block throws(PartitionError) in
            if block.isEmpty {
                let response = try allocate()
                guard response.errorCode == .none else { throw PartitionError(response.errorCode) }
                block = response.producerIdStart..<response.producerIdStart + Int64(response.producerIdLen)
            }
            defer { block = block.dropFirst() }
            return block.lowerBound
        }
    }
}

import KafkaCoordination
import KafkaMessages
import Synchronization

/// Hands out producer ids, taking blocks of them from the controller.
final class ProducerIDAllocator: Sendable {
    /// Blocks that were given to this broker and have not been used up. More than one when several askers found none.
    private let blocks = Mutex<[Range<Int64>]>([])

    /// A producer id that was never given out before.
    func next(
        _ allocate: () async throws(PartitionError) -> AllocateProducerIdsResponse
    ) async throws(PartitionError) -> Int64 {
        while true {
            if let id = take() { return id }
            let response = try await allocate()
            guard response.errorCode == .none else { throw PartitionError(response.errorCode) }
            let (end, overflow) = response.producerIdStart.addingReportingOverflow(Int64(response.producerIdLen))
            guard !overflow, response.producerIdStart >= 0, response.producerIdLen > 0 else {
                throw PartitionError(.unknownServerError, "The controller gave no usable producer ids.")
            }
            blocks.withLock { $0.append(response.producerIdStart..<end) }
        }
    }

    private func take() -> Int64? {
        blocks.withLock { blocks in
            guard let block = blocks.first else { return nil }
            if block.count == 1 { blocks.removeFirst() } else { blocks[0] = block.dropFirst() }
            return block.lowerBound
        }
    }
}

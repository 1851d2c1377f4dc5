import KafkaCoordination
import KafkaMessages
import Synchronization

/// Sends the markers of one shard of transactional ids as long as this broker leads its partition.
struct MarkerDriver: Sendable {
    let shard: CoordinatorShard<TransactionCoordinator>
    let writer: MarkerWriter

    private typealias Due = [(marker: TransactionMarker, partitions: PartitionSet)]

    /// Ends with the shard.
    func run() async {
        await withDiscardingTaskGroup { group in
            while !shard.isClosed {
                do throws(CoordinatorError) {
                    _ = try await shard.hold { $0.awaitMarkers($1, nowMs: $2) }
                } catch {
                    continue
                }
                for (marker, partitions) in await take() {
                    group.addTask { await send(marker, to: partitions) }
                }
            }
        }
    }

    /// The markers to send; none if what decided them could not be committed in time.
    private func take() async -> Due {
        let taken = Mutex<Due>([])
        do throws(CoordinatorError) {
            return try await shard.perform { machine, nowMs in
                let result = machine.takeMarkers(nowMs: nowMs)
                taken.withLock { $0 = result.answer }
                return result
            }
        } catch {
            // They are out of the machine all the same: back with them, to be tried again.
            for (marker, _) in taken.withLock({ $0 }) { await report(marker, []) }
            return []
        }
    }

    private func send(_ marker: TransactionMarker, to partitions: PartitionSet) async {
        let results = await writer.write(marker, to: partitions, coordinatorEpoch: shard.leaderEpoch)
        await report(marker, results)
    }

    private func report(_ marker: TransactionMarker, _ results: [MarkerDelivery.PartitionResult]) async {
        // What cannot be written comes up again; a closed shard has nothing to tell.
        try? await shard.perform { $0.markersWritten(marker, results: results, nowMs: $1) }
    }
}

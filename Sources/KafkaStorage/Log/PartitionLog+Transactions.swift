import Synchronization

extension PartitionLog {
    /// The aborted transactions that touch offsets from `offset` up to `upperBound` (exclusive), in order of their
    /// first offset. May name one that a reader of that range does not meet.
    package func abortedTransactions(
        from offset: Int64,
        upTo upperBound: Int64
    ) throws(StorageError) -> [AbortedTransaction] {
        try reading { _ throws(StorageError) in try findAborted(from: offset, upTo: upperBound) }
    }

    private func findAborted(from offset: Int64, upTo upperBound: Int64) throws(StorageError) -> [AbortedTransaction] {
        let segments = state.withLock { Array($0.segments[$0.segmentIndex(for: offset)...]) }
        var found: [AbortedTransaction] = []
        for segment in segments where segment.transactionIndex.count > 0 {
            for entry in try segment.transactionIndex.suffix(fileSystem, from: 0) {
                if entry.lastOffset >= offset && entry.firstOffset < upperBound { found.append(entry) }
                // Every later entry is of a transaction that began at or after this one's last stable offset.
                if entry.lastStableOffset >= upperBound { return found.sorted { $0.firstOffset < $1.firstOffset } }
            }
        }
        return found.sorted { $0.firstOffset < $1.firstOffset }
    }
}

/// Which leader epoch began at which offset; pure. Epochs and offsets both increase strictly.
package struct LeaderEpochCache: Equatable, Sendable {
    package struct Entry: Equatable, Sendable {
        package let epoch: Int32
        package let startOffset: Int64

        package init(epoch: Int32, startOffset: Int64) {
            self.epoch = epoch
            self.startOffset = startOffset
        }
    }

    package static let fileName = "leader-epoch-checkpoint"

    package private(set) var entries: [Entry] = []

    package init() {}

    package var latest: Entry? { entries.last }

    /// Records that `epoch` begins at `offset`. Entries of a later epoch or of a higher offset contradict it and go.
    /// Returns false if nothing changed, as for all but the first batch of an epoch.
    package mutating func assign(epoch: Int32, startOffset: Int64) -> Bool {
        guard epoch >= 0 else { return false }
        if let last = entries.last {
            if last.epoch == epoch && startOffset >= last.startOffset { return false }
            while let last = entries.last, last.epoch >= epoch || last.startOffset >= startOffset {
                entries.removeLast()
            }
        }
        entries.append(Entry(epoch: epoch, startOffset: startOffset))
        return true
    }

    /// Drops epochs that begin at or after `offset`: the log was cut there. True if anything changed.
    package mutating func truncateFromEnd(_ offset: Int64) -> Bool {
        let count = entries.count
        while let last = entries.last, last.startOffset >= offset { entries.removeLast() }
        return entries.count != count
    }

    /// Drops epochs that end at or before `offset`, and lets the one that spans it begin there. True on change.
    package mutating func truncateFromStart(_ offset: Int64) -> Bool {
        guard let spanning = entries.lastIndex(where: { $0.startOffset <= offset }) else { return false }
        let first = Entry(epoch: entries[spanning].epoch, startOffset: offset)
        if spanning == 0 && entries[0] == first { return false }
        entries.replaceSubrange(...spanning, with: [first])
        return true
    }

    package mutating func removeAll() { entries.removeAll() }

    /// The epoch of the record at `offset`, nil before the first known epoch.
    package func epoch(at offset: Int64) -> Int32? {
        entries.last { $0.startOffset <= offset }?.epoch
    }

    /// The largest known epoch not above `epoch`, and the offset where it ends (the log end for the latest one).
    /// Nil when nothing is known: no entries, or an epoch older than all or newer than the latest (KIP-320).
    package func endOffset(for epoch: Int32, logEndOffset: Int64) -> (epoch: Int32, endOffset: Int64)? {
        guard let latest = entries.last, epoch >= 0, epoch <= latest.epoch else { return nil }
        if epoch == latest.epoch { return (epoch, logEndOffset) }
        guard let next = entries.firstIndex(where: { $0.epoch > epoch }) else { return nil }
        if next == 0 { return (epoch, entries[0].startOffset) }
        return (entries[next - 1].epoch, entries[next].startOffset)
    }

    package func encode() -> [UInt8] {
        var text = "0\n\(entries.count)\n"
        for entry in entries { text += "\(entry.epoch) \(entry.startOffset)\n" }
        return Array(text.utf8)
    }

    package static func decode(_ bytes: [UInt8], path: String) throws(StorageError) -> LeaderEpochCache {
        var cache = LeaderEpochCache()
        for parts in try checkpointEntries(bytes, fields: 2, path: path) {
            guard let epoch = Int32(parts[0]), epoch >= 0, let offset = Int64(parts[1]), LogOffset.isPossible(offset)
            else {
                throw .corrupt(path, "\"\(parts.joined(separator: " "))\" is not an epoch and an offset")
            }
            if let last = cache.entries.last, last.epoch >= epoch || last.startOffset >= offset {
                throw .corrupt(path, "epoch \(epoch) at offset \(offset) does not follow what stands before it")
            }
            cache.entries.append(Entry(epoch: epoch, startOffset: offset))
        }
        return cache
    }
}

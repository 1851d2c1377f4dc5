import KafkaWire

/// The `.snapshot` file: producer state as of the offset in its name. Only the last batch of each producer is kept.
package enum ProducerSnapshot {
    static let headerSize = 10
    static let entrySize = 46

    package static func encode(_ table: ProducerStateTable) -> [UInt8] {
        var body: [UInt8] = []
        body.reserveCapacity(4 + table.producers.count * entrySize)
        body.appendBigEndian(Int32(table.producers.count))
        for (id, state) in table.producers.sorted(by: { $0.key < $1.key }) {
            let last = state.batches.last
            body.appendBigEndian(id)
            body.appendBigEndian(state.epoch)
            body.appendBigEndian(last?.lastSequence ?? -1)
            body.appendBigEndian(last?.lastOffset ?? -1)
            body.appendBigEndian(last?.offsetDelta ?? 0)
            body.appendBigEndian(state.lastTimestamp)
            body.appendBigEndian(state.coordinatorEpoch)
            body.appendBigEndian(state.transactionFirstOffset ?? -1)
        }
        var bytes: [UInt8] = []
        bytes.appendBigEndian(Int16(1))
        bytes.appendBigEndian(body.withUnsafeBytes { CRC32C.checksum($0) })
        return bytes + body
    }

    /// Throws `.corrupt` on an unknown version, a wrong checksum or a wrong length.
    package static func decode(_ bytes: [UInt8], path: String) throws(StorageError) -> ProducerStateTable {
        let entries = try entries(bytes, path: path)
        return ProducerStateTable(producers: Dictionary(entries.map { ($0.producerID, $0.state) }) { $1 })
    }

    /// The producers in the order of the file; throws as `decode`.
    package static func entries(
        _ bytes: [UInt8],
        path: String
    ) throws(StorageError) -> [(producerID: Int64, state: ProducerState)] {
        guard bytes.count >= headerSize else {
            throw .corrupt(path, "it has \(bytes.count) bytes, its header alone needs \(headerSize)")
        }
        let version: Int16 = bytes.bigEndian(at: 0)
        guard version == 1 else { throw .corrupt(path, "unknown version \(version)") }
        let stated: UInt32 = bytes.bigEndian(at: 2)
        guard bytes.withUnsafeBytes({ CRC32C.checksum(UnsafeRawBufferPointer(rebasing: $0[6...])) }) == stated else {
            throw .corrupt(path, "its checksum does not match")
        }
        let count: Int32 = bytes.bigEndian(at: 6)
        guard count >= 0, Int(count) * entrySize == bytes.count - headerSize else {
            throw .corrupt(path, "it announces \(count) producers in \(bytes.count) bytes")
        }
        var producers: [(producerID: Int64, state: ProducerState)] = []
        producers.reserveCapacity(Int(count))
        for start in stride(from: headerSize, to: bytes.count, by: entrySize) {
            let timestamp: Int64 = bytes.bigEndian(at: start + 26)
            var state = ProducerState(epoch: bytes.bigEndian(at: start + 8), lastTimestamp: timestamp)
            let last = ProducerState.Batch(
                lastSequence: bytes.bigEndian(at: start + 10),
                lastOffset: bytes.bigEndian(at: start + 14),
                offsetDelta: bytes.bigEndian(at: start + 22),
                timestamp: timestamp
            )
            if last.lastOffset >= 0 && last.offsetDelta >= 0 { state.batches = [last] }
            state.coordinatorEpoch = bytes.bigEndian(at: start + 34)
            let open: Int64 = bytes.bigEndian(at: start + 38)
            guard last.lastOffset <= LogOffset.largest, open <= LogOffset.largest else {
                throw .corrupt(path, "it names an offset that no log can reach")
            }
            state.transactionFirstOffset = open >= 0 ? open : nil
            producers.append((bytes.bigEndian(at: start), state))
        }
        return producers
    }
}

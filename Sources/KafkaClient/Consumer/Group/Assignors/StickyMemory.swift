package import KafkaWire
package import NIOCore

/// What a member of a sticky group remembers of its last assignment, as it tells the leader: topics with their
/// partitions, then the generation, which the first version of the layout did not have.
package struct StickyMemory: Equatable, Sendable {
    package var partitions: [TopicPartition]
    /// -1 for unknown.
    package var generation: Int32

    package init(partitions: [TopicPartition], generation: Int32) {
        self.partitions = partitions
        self.generation = generation
    }

    /// `nil` for bytes that do not have the layout.
    package init?(reading bytes: ByteBuffer) {
        var reader = WireReader(bytes)
        do throws(WireError) {
            let count = try reader.readInt32()
            // A topic takes at least six bytes, so a count that lies is seen before anything is allocated for it.
            guard count >= 0, Int(count) <= reader.remaining / 6 else { return nil }
            var partitions: [TopicPartition] = []
            for _ in 0..<count {
                let topic = try reader.readString(flexible: false)
                let length = try reader.readInt32()
                guard length >= 0, Int(length) <= reader.remaining / 4 else { return nil }
                for _ in 0..<length {
                    partitions.append(TopicPartition(topic: topic, partition: try reader.readInt32()))
                }
            }
            self.partitions = partitions
            generation = reader.remaining >= 4 ? try reader.readInt32() : -1
        } catch {
            return nil
        }
    }

    /// The bytes that go into a member's metadata.
    package func encoded() throws(WireError) -> ByteBuffer {
        var writer = WireWriter()
        let topics = grouped(partitions.sorted(), by: \.topic)
        writer.writeInt32(Int32(clamping: topics.count))
        for (topic, partitions) in topics {
            try writer.writeString(topic, flexible: false)
            writer.writeInt32(Int32(clamping: partitions.count))
            for partition in partitions {
                writer.writeInt32(partition.partition)
            }
        }
        writer.writeInt32(generation)
        return try writer.finish().flattened()
    }
}

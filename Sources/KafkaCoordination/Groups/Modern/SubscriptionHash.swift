import KafkaWire

/// A number that stands for the topics a group subscribes to, as they are: it changes when one comes, goes, is made anew
/// or grows, and when its replicas come to be in other racks (KIP-1101), whether or not anybody in the group tells his.
/// The way it is computed is this broker's own: a group that another broker wrote gets one epoch more at first.
enum SubscriptionHash {
    static func of(_ topics: Set<String>, _ image: MetadataImage) -> Int64 {
        // FNV-1a over ids and numbers of partitions, in the order of names.
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        func add(_ number: UInt64) {
            for shift in stride(from: 0, to: 64, by: 8) {
                hash = (hash ^ (number >> UInt64(shift) & 0xFF)) &* 0x100_0000_01B3
            }
        }
        func add(_ rack: String) {
            add(UInt64(rack.utf8.count))
            for byte in rack.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        }
        let racks = image.brokers.compactMapValues(\.rack)
        var hasTopics = false
        for topic in topics.compactMap({ image.topics[$0] }).sorted(by: { $0.name < $1.name }) {
            hasTopics = true
            add(topic.id.high)
            add(topic.id.low)
            add(UInt64(topic.partitions.count))
            for (number, partition) in topic.partitions.enumerated() where !racks.isEmpty {
                add(UInt64(number))
                for rack in partition.replicas.compactMap({ racks[$0] }).sorted() { add(rack) }
            }
        }
        return hasTopics ? Int64(bitPattern: hash) : 0
    }
}

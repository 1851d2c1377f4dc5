/// How a producer chooses the partition of a record that names none (`partitioner`, `partitioner.class`).
public enum PartitionerKind: String, CaseIterable, Sendable {
    /// Java's: murmur2 of the key; without a key stay with one partition for a batch, then take another (KIP-794).
    case standard = "default"
    /// librdkafka's default: CRC-32 of the key; records without a key, or with an empty one, as ``standard`` does.
    case consistentRandom = "consistent_random"
    /// librdkafka's: CRC-32 of the key, no key counting as an empty one.
    case consistent = "consistent"
    /// librdkafka's: murmur2 of the key; records without a key as ``standard`` does. Agrees with Java on keys.
    case murmur2Random = "murmur2_random"
    /// librdkafka's: murmur2 of the key, no key counting as an empty one.
    case murmur2 = "murmur2"
    /// Any partition with a leader, record by record, whatever the key.
    case random = "random"
    /// The partitions with a leader in turn, record by record, whatever the key.
    case roundRobin = "round_robin"

    /// The kind that a client property names: librdkafka's words, or the class names of the Java client.
    public init?(propertyValue: String) {
        switch propertyValue {
        case "org.apache.kafka.clients.producer.RoundRobinPartitioner", "RoundRobinPartitioner":
            self = .roundRobin
        case "", "org.apache.kafka.clients.producer.internals.DefaultPartitioner", "DefaultPartitioner":
            self = .standard
        default:
            self.init(rawValue: propertyValue)
        }
    }
}

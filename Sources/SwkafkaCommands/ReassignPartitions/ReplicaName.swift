import KafkaClient

/// One replica of a partition. Ordered as Kafka lists them: by broker first.
struct ReplicaName: Hashable, Comparable, CustomStringConvertible {
    var partition: TopicPartition
    var broker: Int32

    var description: String { "\(partition)-\(broker)" }

    static func < (left: ReplicaName, right: ReplicaName) -> Bool {
        left.broker == right.broker ? left.partition < right.partition : left.broker < right.broker
    }
}

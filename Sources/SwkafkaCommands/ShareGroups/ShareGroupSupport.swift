import KafkaClient

/// What to say where a cluster has no share groups.
enum ShareGroupSupport {
    static let hint =
        "Share groups need Apache Kafka 4.1 or newer with the feature share.version at 1: "
        + "'swkafka features --bootstrap-server … describe' tells what the cluster has, "
        + "'… upgrade --feature share.version=1' switches them on. The bundled broker has none."

    static func failure(_ error: KafkaClientError) -> CommandFailure {
        CommandFailure("Error: \(error.message)", hint: hint)
    }
}

/// The formatters that Kafka brings along.
enum FormatterKind: String, CaseIterable {
    case standard = "DefaultMessageFormatter"
    case logging = "LoggingMessageFormatter"
    case noOp = "NoOpMessageFormatter"
    case offsets = "OffsetsMessageFormatter"
    case groupMetadata = "GroupMetadataMessageFormatter"
    case consumerGroup = "ConsumerGroupMessageFormatter"
    case transactionLog = "TransactionLogMessageFormatter"

    /// Accepts the full Java name, the bare last word, and the names of releases before 4.0.
    init?(className: String) {
        let bare = className.split(whereSeparator: { $0 == "." || $0 == "$" }).last.map(String.init) ?? className
        let packages = ["org.apache.kafka.tools.consumer.", "kafka.tools.", "kafka.coordinator."]
        guard bare == className || packages.contains(where: { className.hasPrefix($0) }) else { return nil }
        guard let kind = FormatterKind(rawValue: bare) else { return nil }
        self = kind
    }
}

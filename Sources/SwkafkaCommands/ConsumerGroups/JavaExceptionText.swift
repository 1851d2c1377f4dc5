import KafkaClient
import KafkaMessages

/// Errors of brokers in the words of Kafka's Java tools, which scripts look for.
enum JavaExceptionText {
    /// The exception's class and message; our own message for what no broker said.
    static func text(_ error: KafkaClientError) -> String {
        guard let code = error.brokerError else { return error.message }
        return "org.apache.kafka.common.errors.\(code.exceptionName): \(code.message)"
    }

    /// The same as the cause of a failed future.
    static func execution(_ error: KafkaClientError) -> String {
        error.brokerError == nil ? error.message : "java.util.concurrent.ExecutionException: \(text(error))"
    }
}

import Logging

extension Logger {
    /// What a broker in this process has to say: warnings and errors, on standard error.
    static var brokerTalk: Logger {
        var logger = Logger(label: "swkafka.broker") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = .warning
        return logger
    }
}

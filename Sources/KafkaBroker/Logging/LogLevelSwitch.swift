import Logging
import Synchronization

/// How much a node logs, which can be changed while it runs. Every copy of its logger looks here.
final class LogLevelSwitch: Sendable {
    private let state: Mutex<Logger.Level>

    init(_ level: Logger.Level) { state = Mutex(level) }

    var level: Logger.Level {
        get { state.withLock { $0 } }
        set { state.withLock { $0 = newValue } }
    }
}

/// Logs what another handler logs, at a level that belongs to the whole node instead of to each copy of the logger.
struct SwitchedLogHandler: LogHandler {
    private var base: any LogHandler
    let levels: LogLevelSwitch

    /// The same logger with a level that can be changed from elsewhere.
    static func switching(_ logger: Logger) -> Logger {
        let handler = SwitchedLogHandler(base: logger.handler, levels: LogLevelSwitch(logger.logLevel))
        return Logger(label: logger.label) { _ in handler }
    }

    var logLevel: Logger.Level {
        get { levels.level }
        set { levels.level = newValue }
    }

    var metadata: Logger.Metadata {
        get { base.metadata }
        set { base.metadata = newValue }
    }

    var metadataProvider: Logger.MetadataProvider? {
        get { base.metadataProvider }
        set { base.metadataProvider = newValue }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { base[metadataKey: key] }
        set { base[metadataKey: key] = newValue }
    }

    func log(event: LogEvent) { base.log(event: event) }
}

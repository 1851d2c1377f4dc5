import KafkaWire

/// What a client does about an error before it gives up.
enum ErrorRecovery: Sendable {
    case none
    case retry
    case refreshMetadata
    case findCoordinator
}

/// A result code of the protocol. Codes that are not known here are kept as they came.
public struct ErrorCode: RawRepresentable, Hashable, Sendable {
    public let rawValue: Int16

    public init(rawValue: Int16) {
        self.rawValue = rawValue
    }

    private var facts: ErrorFacts? { ErrorFacts.of(rawValue) }

    /// Kafka's name, such as `UNKNOWN_TOPIC_OR_PARTITION`; for an unknown code `UNKNOWN_ERROR_` and the number.
    public var name: String { facts?.name ?? "UNKNOWN_ERROR_\(rawValue)" }

    /// One sentence for people.
    public var message: String {
        ErrorMessages.of(rawValue) ?? "The server answered with error \(rawValue), which is not known here."
    }

    /// The name of the exception that Kafka's Java tools print for it, without the package; empty for `none`.
    public var exceptionName: String { facts?.exception ?? "UnknownServerException" }

    /// Whether the same request may succeed if it is sent again, perhaps elsewhere.
    public var isRetriable: Bool { facts.map { $0.recovery != .none } ?? false }

    /// Whether cached metadata is likely to be wrong, so that a retry needs fresh metadata first.
    public var refreshesMetadata: Bool { facts?.recovery == .refreshMetadata }

    /// Whether a retry must look for the coordinator first.
    public var refreshesCoordinator: Bool { facts?.recovery == .findCoordinator }

    /// All codes that are known here, in rising order.
    public static let known: [ErrorCode] = (-1...133).map { ErrorCode(rawValue: $0) }
}

extension ErrorCode: CustomStringConvertible {
    public var description: String { name }
}

extension WireReader {
    mutating func readErrorCode() throws(WireError) -> ErrorCode { ErrorCode(rawValue: try readInt16()) }
}

extension WireWriter {
    mutating func writeErrorCode(_ code: ErrorCode) { writeInt16(code.rawValue) }
}

public import KafkaMessages

/// What went wrong in the client: what failed, on what, why, and what may help.
///
/// ``message`` is a complete sentence or two for a person; ``code`` is for programs. More codes may be added in later
/// versions, so a `switch` over ``code`` needs a `default`.
public struct KafkaClientError: Error, Sendable, CustomStringConvertible {
    /// The kind of failure. An open set: compare with the constants.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        private enum Value: String, Sendable {
            case invalidConfiguration
            case invalidArgument
            case noBootstrapServer
            case connectionFailed
            case timedOut
            case broker
            case protocolViolation
            case unsupportedByBroker
            case unknownTopic
            case unknownPartition
            case offsetOutOfRange
            case logTruncated
            case corruptBatch
            case recordTooLarge
            case deliveryTimedOut
            case bufferFull
            case fenced
            case noCommittedOffset
            case commitFailed
            case transactionAborted
            case rebalanceInProgress
            case wokenUp
            case closed
            case cancelled
        }

        private let value: Value

        private init(_ value: Value) {
            self.value = value
        }

        /// A setting has a value that is not allowed, or settings contradict each other.
        public static let invalidConfiguration = Code(.invalidConfiguration)
        /// A call was made with an argument that makes no sense.
        public static let invalidArgument = Code(.invalidArgument)
        /// None of the servers in `bootstrap.servers` could be used at the first contact.
        public static let noBootstrapServer = Code(.noBootstrapServer)
        /// No connection could be made or an existing one was lost.
        public static let connectionFailed = Code(.connectionFailed)
        /// The call did not finish before its deadline.
        public static let timedOut = Code(.timedOut)
        /// A broker answered with an error; ``KafkaClientError/brokerError`` says which.
        public static let broker = Code(.broker)
        /// A peer sent something that the protocol does not allow.
        public static let protocolViolation = Code(.protocolViolation)
        /// The broker does not offer an API, or not in a version that can say what was asked.
        public static let unsupportedByBroker = Code(.unsupportedByBroker)
        /// The topic does not exist.
        public static let unknownTopic = Code(.unknownTopic)
        /// The topic exists and has no such partition.
        public static let unknownPartition = Code(.unknownPartition)
        /// A position lies outside the log and no reset policy says where to go.
        public static let offsetOutOfRange = Code(.offsetOutOfRange)
        /// Records that were already read have been replaced after a change of leader, and no reset policy is set.
        public static let logTruncated = Code(.logTruncated)
        /// A fetched record batch is damaged or cannot be decompressed.
        public static let corruptBatch = Code(.corruptBatch)
        /// A record is larger than a request or a topic may carry.
        public static let recordTooLarge = Code(.recordTooLarge)
        /// A record could not be delivered within `delivery.timeout.ms`.
        public static let deliveryTimedOut = Code(.deliveryTimedOut)
        /// The memory for waiting records is used up.
        public static let bufferFull = Code(.bufferFull)
        /// A newer producer or member has taken this one's place.
        public static let fenced = Code(.fenced)
        /// The group has no committed offset for a partition and no reset policy says where to start.
        public static let noCommittedOffset = Code(.noCommittedOffset)
        /// The transaction that a record belonged to was aborted.
        public static let transactionAborted = Code(.transactionAborted)
        /// Offsets were not committed, as the group has given the partitions to other members.
        public static let commitFailed = Code(.commitFailed)
        /// Offsets were not committed, as the group is rebalancing; the call may be repeated after the next call for records.
        public static let rebalanceInProgress = Code(.rebalanceInProgress)
        /// ``KafkaConsumer/wakeup()`` ended a call for records.
        public static let wokenUp = Code(.wokenUp)
        /// The client has been closed.
        public static let closed = Code(.closed)
        /// The task that made the call was cancelled.
        public static let cancelled = Code(.cancelled)

        public var description: String { value.rawValue }
    }

    /// The kind of failure.
    public var code: Code
    /// What failed, on what, why, and what to try.
    public var message: String
    /// The error code in a broker's answer, when there was one.
    public var brokerError: ErrorCode?
    /// The lower error that led to this one.
    public var cause: (any Error)?

    /// An error with everything that is known about it.
    public init(
        _ code: Code,
        _ message: String,
        brokerError: ErrorCode? = nil,
        cause: (any Error)? = nil
    ) {
        self.code = code
        self.message = message
        self.brokerError = brokerError
        self.cause = cause
    }

    /// The ``message``.
    public var description: String { message }
}

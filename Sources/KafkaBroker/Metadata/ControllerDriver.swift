import KafkaCoordination
import KafkaMessages
import KafkaStorage
import Logging
import Synchronization

/// Runs the controller's state machine against the metadata log of this process.
///
/// One decision at a time: decide, append, replay, tell whoever follows.
final class ControllerDriver: Sendable {
    private let log: MetadataLog
    private let clock: any BrokerClock
    private let uptime: any BrokerClock
    private let logger: Logger
    private let controller: Mutex<ClusterController>
    private let follower = Mutex<Follower?>(nil)

    /// Gets the state after each decision and the records that led to it, in order. Must not ask the controller for
    /// anything.
    typealias Follower = @Sendable (borrowing ClusterController, [MetadataRecord]) -> Void

    /// - Parameters:
    ///   - clock: stamps the records.
    ///   - uptime: measures how long brokers are silent; nobody can set it.
    init(
        log: MetadataLog,
        settings: ClusterController.Settings,
        clock: any BrokerClock,
        uptime: any BrokerClock,
        logger: Logger
    ) throws(BrokerError) {
        self.log = log
        self.clock = clock
        self.uptime = uptime
        self.logger = logger
        var controller = ClusterController(settings: settings)
        try log.replay { record, offset throws(MetadataReplayError) in
            try controller.replay(record, offset: offset)
        }
        self.controller = Mutex(controller)
    }

    /// Reads the state as it is.
    func read<Result>(_ body: (borrowing ClusterController) -> sending Result) -> sending Result {
        controller.withLock { body($0) }
    }

    /// Names the one who is told every decision from now on.
    func follow(_ follower: @escaping Follower) { self.follower.withLock { $0 = follower } }

    /// Lets the controller decide, makes the decision durable and carries it out. Nothing that is replayed has changed
    /// when it throws.
    ///
    /// - Parameters:
    ///   - isLast: false when another decision follows at once whose durability will include this one's.
    ///   - decide: gets the controller, and the time and the offset that its first record will have.
    func perform<Answer: Sendable>(
        isLast: Bool = true,
        version: Int16 = .max,
        _ decide: (inout ClusterController, ControllerInput) -> ControllerResult<Answer>
    ) throws(PartitionError) -> Answer {
        try controller.withLock { controller throws(PartitionError) in
            let input = ControllerInput(nextOffset: log.endOffset, nowMs: uptime.nowMs, version: version)
            let result = decide(&controller, input)
            guard !result.records.isEmpty else { return result.answer }
            let first = try log.append(result.records, isLast: isLast, nowMs: clock.nowMs)
            for (index, record) in result.records.enumerated() {
                do throws(MetadataReplayError) {
                    try controller.replay(record, offset: first + Int64(index))
                } catch {
                    // The controller's own record does not fit its own state: a programming error, which a restart
                    // meets in the same way.
                    logger.critical("Metadata record cannot be applied", metadata: ["error": "\(error)"])
                    throw PartitionError(.unknownServerError, error.description)
                }
            }
            follower.withLock { $0 }?(controller, result.records)
            // What is not durable yet must not be in one.
            if isLast { log.snapshots.consider(controller.image) }
            return result.answer
        }
    }
}

extension ControllerDriver {
    /// The metadata for a broker in the same process: what is decided has been carried out there when the decision is
    /// told.
    func metadata(partitions: PartitionManager) -> ClusterMetadata {
        let localID = partitions.localID
        let view = read { Self.view($0, localID) }
        let metadata = ClusterMetadata(view, partitions: partitions, clock: clock)
        follow { controller, records in metadata.publish(Self.view(controller, localID), after: records) }
        return metadata
    }

    private static func view(_ controller: borrowing ClusterController, _ localID: Int32) -> ClusterMetadata.View {
        ClusterMetadata.View(image: controller.image, resolver: controller.resolver(broker: localID))
    }
}

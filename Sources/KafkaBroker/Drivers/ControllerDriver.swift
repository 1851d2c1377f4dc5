import KafkaCoordination
import KafkaMessages
import KafkaStorage
import Logging
import Synchronization

/// Runs the controller's state machine against the metadata log of this process, and tells this broker's partitions
/// what has changed.
///
/// One decision at a time: decide, append, replay, carry out. Readers of the metadata take the published image and are
/// never held up by a decision in progress.
final class ControllerDriver: Sendable {
    private let log: MetadataLog
    private let partitions: PartitionManager
    private let clock: any BrokerClock
    private let logger: Logger
    private let controller: Mutex<ClusterController>
    private let published: Mutex<View>
    private let observers = Mutex<[Observer]>([])

    /// Gets the metadata after each change, in order, and the names of topics that the change removed. Must not ask the
    /// controller for anything.
    typealias Observer = @Sendable (View, [String]) -> Void

    /// What readers get: a state of the metadata and the configs that go with it.
    struct View: Sendable {
        var image: MetadataImage
        var resolver: ConfigResolver
    }

    init(
        log: MetadataLog,
        settings: ClusterController.Settings,
        partitions: PartitionManager,
        clock: any BrokerClock,
        logger: Logger
    ) throws(BrokerError) {
        self.log = log
        self.partitions = partitions
        self.clock = clock
        self.logger = logger
        var controller = ClusterController(settings: settings)
        try log.replay { record, offset throws(MetadataReplayError) in
            try controller.replay(record, offset: offset)
        }
        published = Mutex(View(image: controller.image, resolver: controller.resolver(broker: partitions.localID)))
        self.controller = Mutex(controller)
    }

    /// The metadata as of the last decision.
    var view: View { published.withLock { $0 } }

    /// Lets the controller decide, makes the decision durable and carries it out. Nothing has changed when it throws.
    ///
    /// - Parameters:
    ///   - isLast: false when another decision follows at once whose durability will include this one's.
    ///   - decide: gets the controller and the offset that its first record will have.
    func perform<Answer: Sendable>(
        isLast: Bool = true,
        _ decide: (borrowing ClusterController, Int64) -> ControllerResult<Answer>
    ) throws(PartitionError) -> Answer {
        try controller.withLock { controller throws(PartitionError) in
            let result = decide(controller, log.endOffset)
            guard !result.records.isEmpty else { return result.answer }
            let nowMs = clock.nowMs
            let first = try log.append(result.records, isLast: isLast, nowMs: nowMs)
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
            let view = View(image: controller.image, resolver: controller.resolver(broker: partitions.localID))
            let removed = Self.removedTopics(result.records, from: self.view.image)
            published.withLock { $0 = view }
            partitions.apply(result.records, image: view.image, resolver: view.resolver, nowMs: nowMs)
            for observer in observers.withLock({ $0 }) { observer(view, removed) }
            return result.answer
        }
    }

    private static func removedTopics(_ records: [MetadataRecord], from image: MetadataImage) -> [String] {
        records.compactMap { record in
            guard case .removeTopic(let removal) = record else { return nil }
            return image.topicNames[removal.topicId]
        }
    }

    /// Tells `observer` the metadata as they are, and every change from now on.
    func observe(_ observer: @escaping Observer) {
        controller.withLock { _ in
            observers.withLock { $0.append(observer) }
            observer(view, [])
        }
    }

    /// Opens or makes every local partition that the metadata name, at start.
    func load() throws(StorageError) {
        let view = view
        try partitions.load(image: view.image, resolver: view.resolver, nowMs: clock.nowMs)
    }
}

import KafkaCompression
import KafkaCoordination
import KafkaMessages
import KafkaStorage
import KafkaWire
import Logging
import Synchronization

/// The coordinators of one kind on this broker: a shard for each partition of their internal topic that it leads.
final class CoordinatorRuntime<Machine: Coordinator>: Sendable {
    typealias Shard = CoordinatorShard<Machine>

    private struct State {
        var shards: [Int32: Shard] = [:]
        var isStopped = false
    }

    /// The internal topic.
    let topic: String
    private let metadata: ClusterMetadata
    private let channel: any ControllerChannel
    private let partitions: PartitionManager
    private let clock: any BrokerClock
    private let logger: Logger
    /// A machine that knows nothing yet.
    private let make: @Sendable (ConfigResolver) -> Machine
    /// Goes with each shard from when it is loaded until it is closed; nil when the machine needs nobody.
    private let attend: (@Sendable (Shard) async -> Void)?
    private let alarm = Alarm()
    private let state = Mutex(State())

    /// Milliseconds until a log that could not be read is tried again.
    private static var retryMs: Int64 { 10_000 }

    init(
        topic: String,
        metadata: ClusterMetadata,
        channel: any ControllerChannel,
        partitions: PartitionManager,
        clock: any BrokerClock,
        logger: Logger,
        attend: (@Sendable (Shard) async -> Void)? = nil,
        make: @escaping @Sendable (ConfigResolver) -> Machine
    ) {
        self.topic = topic
        self.metadata = metadata
        self.channel = channel
        self.partitions = partitions
        self.clock = clock
        self.logger = logger
        self.attend = attend
        self.make = make
    }

    // MARK: Looking up

    /// The number of the partition that looks after a group or transactional id; nil while there is no topic.
    func partition(for id: String, _ image: MetadataImage) -> Int32? {
        guard let topic = image.topics[topic] else { return nil }
        return JavaHash.coordinatorPartition(for: id, partitionCount: Int32(clamping: topic.partitions.count))
    }

    /// The shard that looks after a group or transactional id.
    func shard(for id: String) throws(CoordinatorError) -> Shard {
        guard let partition = partition(for: id, metadata.view.image) else {
            throw CoordinatorError(.notCoordinator)
        }
        return try shard(partition)
    }

    func shard(_ partition: Int32) throws(CoordinatorError) -> Shard {
        guard let shard = state.withLock({ $0.shards[partition] }) else { throw CoordinatorError(.notCoordinator) }
        return shard
    }

    /// The shards of this broker, by partition.
    var shards: [Shard] {
        state.withLock { $0.shards.sorted { $0.key < $1.key }.map(\.value) }
    }

    /// The broker that looks after a group or transactional id; makes the internal topic if it is missing.
    func coordinator(of id: String) async throws(CoordinatorError) -> BrokerRegistration {
        do throws(PartitionError) {
            try await InternalTopics.create(topic, metadata, channel)
        } catch {
            throw CoordinatorError(.coordinatorNotAvailable, error.message)
        }
        let image = metadata.view.image
        guard let partition = partition(for: id, image), let found = image.topics[topic]?.partitions[Int(partition)],
            let broker = image.brokers[found.leader], !broker.isFenced
        else { throw CoordinatorError(.coordinatorNotAvailable) }
        return broker
    }

    // MARK: Following the metadata

    /// Takes up partitions that this broker leads now, and drops those it does not lead any more. Called in the order of
    /// the changes.
    func metadataChanged(_ view: ClusterMetadata.View, removedTopics: [RemovedTopic]) {
        let image = view.image
        let local = partitions.topic(named: topic)
        var led: [Int32: Partition] = [:]
        for (index, partition) in (image.topics[topic]?.partitions ?? []).enumerated() {
            guard partition.leader == partitions.localID else { continue }
            led[Int32(index)] = local?.partitions[Int32(index)]
        }
        let (closed, kept) = state.withLock { state -> ([Shard], [Shard]) in
            guard !state.isStopped else { return ([], []) }
            var closed: [Shard] = []
            for (number, shard) in state.shards {
                let isKept =
                    led[number].map { $0.topicID == shard.topicID && $0.snapshot.leaderEpoch == shard.leaderEpoch }
                if isKept != true {
                    closed.append(shard)
                    state.shards[number] = nil
                }
            }
            for (number, partition) in led where state.shards[number] == nil {
                state.shards[number] = shard(partition, view)
            }
            return (closed, Array(state.shards.values))
        }
        for shard in closed { shard.close(CoordinatorError(.notCoordinator)) }
        for shard in kept { shard.noteMetadata(image, removedTopics: removedTopics) }
        if !kept.isEmpty { alarm.ring() }
    }

    private func shard(_ partition: Partition, _ view: ClusterMetadata.View) -> Shard {
        let integer = { (name: String, fallback: Int) in
            view.resolver.brokerValue(name).flatMap { Int($0.trimmingBlanks()) } ?? fallback
        }
        let codec = UInt8(clamping: topic == InternalTopics.offsets ? integer("offsets.topic.compression.codec", 0) : 0)
        let log = CoordinatorLog(
            partition: partition,
            leaderEpoch: partition.snapshot.leaderEpoch,
            codec: CompressionCodec(rawValue: codec) ?? .none
        )
        let machine = make(view.resolver)
        let shard = Shard(
            machine,
            log: log,
            topicID: partition.topicID,
            commitTimeoutMs: Int64(integer("offsets.commit.timeout.ms", 5000)),
            clock: clock,
            alarm: alarm,
            logger: logger
        )
        // Nothing to read: clients that had the topic made need not come again.
        if log.isEmpty {
            shard.activate(machine, writtenOffset: partition.log.logEndOffset, view.image)
        }
        return shard
    }

    // MARK: Running

    /// Loads partitions and does what is due until `stop`. Must run where blocking is allowed.
    func run() async {
        await withDiscardingTaskGroup { group in
            while await alarm.sleep() {
                for shard in shards {
                    if shard.beginLoading() { group.addTask { self.load(shard) } }
                    if let attend, shard.beginAttendance() { group.addTask { await attend(shard) } }
                    shard.work()
                }
            }
            stop()
        }
    }

    private func load(_ shard: Shard) {
        let view = metadata.view
        if shard.load(view.image, using: make(view.resolver)) {
            alarm.ring()
        } else {
            _ = clock.schedule(afterMs: Self.retryMs) { shard.allowLoading() }
        }
    }

    /// Ends `run`; who waits is sent to look for another coordinator.
    func stop() {
        let shards = state.withLock { state in
            state.isStopped = true
            defer { state.shards = [:] }
            return Array(state.shards.values)
        }
        for shard in shards { shard.close(CoordinatorError(.coordinatorNotAvailable)) }
        alarm.expire()
    }
}

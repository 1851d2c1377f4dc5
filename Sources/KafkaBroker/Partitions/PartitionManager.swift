import KafkaCoordination
import KafkaMessages
import KafkaStorage
import KafkaWire
import Logging
import Synchronization

/// The partitions that have a replica on this broker.
final class PartitionManager: Sendable {
    /// A topic as far as it lives here; replaced as a whole when it changes.
    final class Topic: Sendable {
        let name: String
        let id: KafkaUUID
        let partitions: [Int32: Partition]
        /// Partitions whose log could not be opened or made, and why.
        let offline: [Int32: StorageError]

        init(name: String, id: KafkaUUID, partitions: [Int32: Partition], offline: [Int32: StorageError]) {
            self.name = name
            self.id = id
            self.partitions = partitions
            self.offline = offline
        }
    }

    private struct Index {
        var byName: [String: Topic] = [:]
        var byID: [KafkaUUID: Topic] = [:]
    }

    let localID: Int32
    let directories: LogDirectories
    private let synchronizer: DiskSynchronizer
    private let sabotage: ReplicationSabotage
    private let logger: Logger
    private let index = Mutex(Index())
    /// Told of every change of a partition's role; nil before the broker takes part in replication.
    private let replication = Mutex<ReplicationDriver?>(nil)

    init(
        localID: Int32,
        directories: LogDirectories,
        synchronizer: DiskSynchronizer,
        sabotage: ReplicationSabotage = [],
        logger: Logger
    ) {
        self.sabotage = sabotage
        self.localID = localID
        self.synchronizer = synchronizer
        self.directories = directories
        self.logger = logger
    }

    /// From now on `driver` is told of partitions that are led or followed here. Not while metadata are carried out.
    func follow(_ driver: ReplicationDriver) {
        replication.withLock { $0 = driver }
        for partition in all { driver.partitionChanged(partition) }
    }

    // MARK: Looking up

    func topic(named name: String) -> Topic? { index.withLock { $0.byName[name] } }

    func topic(id: KafkaUUID) -> Topic? { index.withLock { $0.byID[id] } }

    var all: [Partition] {
        index.withLock { index in index.byName.values.flatMap { $0.partitions.values } }
    }

    var highWatermarks: [TopicPartition: Int64] {
        Dictionary(uniqueKeysWithValues: all.map { ($0.topicPartition, $0.highWatermark) })
    }

    /// The partition, or why there is none: unknown, elsewhere, or its disk failed.
    func partition(_ topic: String, _ number: Int32, image: () -> MetadataImage) throws(PartitionError) -> Partition {
        let local = self.topic(named: topic)
        if let partition = local?.partitions[number] { return partition }
        if let failure = local?.offline[number] { throw PartitionError(failure) }
        if let known = image().topics[topic], known.partitions.indices.contains(Int(number)) {
            throw PartitionError(.notLeaderOrFollower)
        }
        throw PartitionError(.unknownTopicOrPartition)
    }

    /// Stops serving what is in a directory that failed, so that clients are told so at once.
    func takeOffline(_ failed: LogDirectory, _ failure: StorageError) {
        let topics = Set(failed.logs.map(\.topic))
        let closed = index.withLock { index -> [Partition] in
            var closed: [Partition] = []
            for name in topics {
                guard let topic = index.byName[name] else { continue }
                let lost = topic.partitions.filter { failed.log(for: $0.value.topicPartition) === $0.value.log }
                closed += lost.values
                let rest = Topic(
                    name: name,
                    id: topic.id,
                    partitions: topic.partitions.filter { lost[$0.key] == nil },
                    offline: topic.offline.merging(lost.mapValues { _ in failure }) { $1 }
                )
                index.byName[name] = rest
                index.byID[topic.id] = rest
            }
            return closed
        }
        let driver = replication.withLock { $0 }
        for partition in closed {
            partition.close(because: failure)
            driver?.partitionRemoved(partition)
        }
    }

    /// What the metadata do not know yet of the directories in which the replicas were found or made; nil if nothing.
    /// Somebody may have moved a folder, or replaced a disk.
    func placements(brokerEpoch: Int64, _ image: MetadataImage) -> AssignReplicasToDirsRequest? {
        typealias Request = AssignReplicasToDirsRequest
        var moved: [KafkaUUID: [KafkaUUID: [Request.PartitionData]]] = [:]
        for partition in all {
            let name = partition.topicPartition
            guard let id = directories.directory(holding: name)?.identity.directoryID,
                let topic = image.topics[name.topic], topic.partitions.indices.contains(Int(name.partition))
            else { continue }
            let known = topic.partitions[Int(name.partition)]
            guard let place = known.replicas.firstIndex(of: localID) else { continue }
            if known.directories.indices.contains(place), known.directories[place] == id { continue }
            moved[id, default: [:]][topic.id, default: []].append(.init(partitionIndex: name.partition))
        }
        guard !moved.isEmpty else { return nil }
        return Request(
            brokerId: localID,
            brokerEpoch: brokerEpoch,
            directories: moved.map { id, topics in
                Request.DirectoryData(id: id, topics: topics.map { .init(topicId: $0.key, partitions: $0.value) })
            }
        )
    }

    // MARK: Following the metadata

    /// Carries out records that have just been applied to `image`.
    func apply(_ records: [MetadataRecord], image: MetadataImage, resolver: ConfigResolver, nowMs: Int64) {
        var changed: Set<String> = []
        var removed: [KafkaUUID] = []
        var everyTopic = false
        var brokersChanged = false
        for record in records {
            switch record {
            case .partition(let record): if let name = image.topicNames[record.topicId] { changed.insert(name) }
            case .partitionChange(let record): if let name = image.topicNames[record.topicId] { changed.insert(name) }
            case .removeTopic(let record): removed.append(record.topicId)
            case .registerBroker, .brokerRegistrationChange, .unregisterBroker: brokersChanged = true
            case .config(let record):
                if record.resourceType == ConfigResource.Kind.topic.rawValue { changed.insert(record.resourceName) }
                if record.resourceType == ConfigResource.Kind.broker.rawValue { everyTopic = true }
            default: break
            }
        }
        for id in removed { remove(id, nowMs: nowMs) }
        for name in everyTopic ? Set(image.topics.keys) : changed {
            if let topic = image.topics[name] { update(topic, image: image, resolver: resolver, nowMs: nowMs) }
        }
        guard brokersChanged else { return }
        let active = image.activeBrokers
        for partition in all where partition.snapshot.hasFollowers { partition.brokersChanged(active) }
    }

    /// Tries again to make the logs for which there was no room on the disk. True if there was something to try.
    func reopen(image: MetadataImage, resolver: ConfigResolver, nowMs: Int64) -> Bool {
        let waiting = index.withLock { index in
            index.byName.values.filter { topic in topic.offline.values.contains(where: \.isOutOfSpace) }.map(\.name)
        }
        for name in waiting {
            if let topic = image.topics[name] { update(topic, image: image, resolver: resolver, nowMs: nowMs) }
        }
        return !waiting.isEmpty
    }

    /// Opens everything that the metadata place here; several logs at a time, since after a crash they are read.
    func load(image: MetadataImage, resolver: ConfigResolver, nowMs: Int64) throws(StorageError) {
        let settings = image.topics.mapValues { topic in
            TopicSettings(overrides: image.configs(of: .topic, topic.name), resolver: resolver)
        }
        let failures = try directories.openAll(
            config: { settings[$0.topic]?.log ?? LogConfig() },
            topicIDs: image.topics.mapValues(\.id),
            nowMs: nowMs
        )
        for failure in failures {
            logger.error(
                "Log cannot be opened",
                metadata: ["partition": "\(failure.partition)", "error": "\(failure.error)"]
            )
        }
        for log in directories.opened.flatMap(\.logs) {
            note(log.recoveryReport, of: log.topicPartition)
            if image.topics[log.topic] == nil, log.topicPartition != MetadataLog.topicPartition {
                logger.warning("Directory belongs to no topic", metadata: ["directory": "\(log.directory)"])
                log.releaseIdleResources()
            }
        }
        for topic in image.topics.values { update(topic, image: image, resolver: resolver, nowMs: nowMs) }
    }

    /// Reading a log again after a crash is the rule; losing something is not.
    private func note(_ report: RecoveryReport, of partition: TopicPartition) {
        guard !report.isEmpty else { return }
        let isLoss = !report.cuts.isEmpty || !report.removedSegments.isEmpty
        logger.log(
            level: isLoss ? .warning : .debug,
            isLoss ? "Log was repaired" : "Log was checked",
            metadata: ["partition": "\(partition)", "report": "\(report)"]
        )
    }

    private func update(_ topic: TopicImage, image: MetadataImage, resolver: ConfigResolver, nowMs: Int64) {
        let known = self.topic(named: topic.name)
        let settings = TopicSettings(overrides: image.configs(of: .topic, topic.name), resolver: resolver)
        var partitions = known?.partitions ?? [:]
        var offline: [Int32: StorageError] = [:]
        let active = image.activeBrokers
        let driver = replication.withLock { $0 }
        for (number, partition) in topic.partitions.enumerated() where partition.replicas.contains(localID) {
            let number = Int32(number)
            do throws(StorageError) {
                let existing = partitions[number]
                let local =
                    if let existing { existing } else { try open(topic, number, settings: settings, nowMs: nowMs) }
                // What is in a directory that failed since is not served any more.
                if let failure = directories.directory(holding: local.topicPartition)?.failure { throw failure }
                local.apply(settings)
                local.apply(partition, brokers: active, nowMs: nowMs)
                partitions[number] = local
                if partition.replicas.count > 1 || existing != nil { driver?.partitionChanged(local) }
            } catch {
                if known?.offline[number] != error {
                    logger.error(
                        "Partition is offline",
                        metadata: ["partition": "\(topic.name)-\(number)", "error": "\(error)"]
                    )
                }
                offline[number] = error
                if let lost = partitions.removeValue(forKey: number) {
                    lost.close(because: error)
                    driver?.partitionRemoved(lost)
                }
            }
        }
        for (number, partition) in partitions
        where !topic.partitions.indices.contains(Int(number))
            || !topic.partitions[Int(number)].replicas.contains(localID)
        {
            // Reassigned to others.
            partitions[number] = nil
            remove(partition, driver, nowMs: nowMs)
        }
        let updated = Topic(name: topic.name, id: topic.id, partitions: partitions, offline: offline)
        index.withLock { index in
            index.byName[topic.name] = updated
            index.byID[topic.id] = updated
        }
    }

    private func open(
        _ topic: TopicImage,
        _ number: Int32,
        settings: TopicSettings,
        nowMs: Int64
    ) throws(StorageError) -> Partition {
        let name = TopicPartition(topic: topic.name, partition: number)
        let image = topic.partitions[Int(number)]
        let place = image.replicas.firstIndex(of: localID)
        let assigned = place.flatMap { image.directories.indices.contains($0) ? image.directories[$0] : nil }
        let directory = try directories.directory(for: name, assigned: assigned)
        var log = try directory.openLog(name, topicID: topic.id, config: settings.log, nowMs: nowMs)
        if log.topicID != .zero, log.topicID != topic.id {
            // Left behind by a deletion that a crash cut short: the metadata are the truth.
            _ = try directory.deleteLog(name, nowMs: nowMs)
            log = try directory.openLog(name, topicID: topic.id, config: settings.log, nowMs: nowMs)
        }
        return Partition(
            log: log,
            localID: localID,
            highWatermark: directory.checkpointedHighWatermark(for: name) ?? 0,
            settings: settings,
            synchronizer: synchronizer,
            sabotage: sabotage
        )
    }

    private func remove(_ id: KafkaUUID, nowMs: Int64) {
        let topic = index.withLock { index -> Topic? in
            guard let topic = index.byID.removeValue(forKey: id) else { return nil }
            if index.byName[topic.name]?.id == id { index.byName[topic.name] = nil }
            return topic
        }
        let driver = replication.withLock { $0 }
        for partition in topic?.partitions.values.map({ $0 }) ?? [] { remove(partition, driver, nowMs: nowMs) }
    }

    private func remove(_ partition: Partition, _ driver: ReplicationDriver?, nowMs: Int64) {
        partition.close()
        driver?.partitionRemoved(partition)
        do {
            let directory = directories.directory(holding: partition.topicPartition)
            _ = try directory?.deleteLog(partition.topicPartition, nowMs: nowMs)
        } catch {
            logger.error(
                "Files of a deleted partition cannot be removed",
                metadata: ["partition": "\(partition.topicPartition)", "error": "\(error)"]
            )
        }
    }
}

extension MetadataImage {
    /// The brokers that may be in an ISR, and their epochs.
    fileprivate var activeBrokers: [Int32: Int64] {
        brokers.values.filter(\.isActive).reduce(into: [:]) { $0[$1.id] = $1.epoch }
    }
}

import KafkaCoordination
import KafkaMessages
import KafkaStorage
import Synchronization

/// The cluster as this process sees it: the newest state of the metadata log that was carried out here.
///
/// Whoever reads the log (the controller of this process after each decision, or the follower of another process's log)
/// publishes here, in order; readers take the state as it is and are never held up.
final class ClusterMetadata: Sendable {
    /// What readers get: a state of the metadata and the configs that go with it.
    struct View: Sendable {
        var image: MetadataImage
        var resolver: ConfigResolver
    }

    /// Gets the metadata after each change, in order, and the topics that the change removed. Must not ask the
    /// controller for anything.
    typealias Observer = @Sendable (View, [RemovedTopic]) -> Void

    private struct Condition {
        let holds: @Sendable (MetadataImage) -> Bool
        let alarm: Alarm
    }

    private let partitions: PartitionManager
    private let clock: any BrokerClock
    private let current: Mutex<View>
    private let observers = Mutex<[Observer]>([])
    private let conditions = Mutex<[Condition]>([])
    /// One publication at a time, and none while an observer is added.
    private let order = Mutex<Void>(())

    init(_ view: View, partitions: PartitionManager, clock: any BrokerClock) {
        self.partitions = partitions
        self.clock = clock
        current = Mutex(view)
    }

    /// The metadata as of the last change.
    var view: View { current.withLock { $0 } }

    /// Tells `observer` the metadata as they are, and every change from now on.
    func observe(_ observer: @escaping Observer) {
        order.withLock { _ in
            observers.withLock { $0.append(observer) }
            observer(view, [])
        }
    }

    /// Waits until `condition` holds; false when `alarm` rang before.
    func wait(_ alarm: Alarm, until condition: @escaping @Sendable (MetadataImage) -> Bool) async -> Bool {
        conditions.withLock { $0.append(Condition(holds: condition, alarm: alarm)) }
        defer { conditions.withLock { $0.removeAll { $0.alarm === alarm } } }
        while !condition(view.image) {
            guard await alarm.sleep() else { return condition(view.image) }
        }
        return true
    }

    /// Takes over what `records` have made of the metadata, and carries them out at this broker's partitions.
    func publish(_ view: View, after records: [MetadataRecord]) {
        order.withLock { _ in
            let removed = Self.removedTopics(records, from: self.view.image)
            current.withLock { $0 = view }
            partitions.apply(records, image: view.image, resolver: view.resolver, nowMs: clock.nowMs)
            for observer in observers.withLock({ $0 }) { observer(view, removed) }
        }
        let met = conditions.withLock { $0.filter { $0.holds(view.image) } }
        for condition in met { condition.alarm.ring() }
    }

    /// Carries out what a full disk has prevented, if there is room by now.
    func retry() {
        order.withLock { _ in
            let view = view
            guard partitions.reopen(image: view.image, resolver: view.resolver, nowMs: clock.nowMs) else { return }
            for observer in observers.withLock({ $0 }) { observer(view, []) }
        }
    }

    private static func removedTopics(_ records: [MetadataRecord], from image: MetadataImage) -> [RemovedTopic] {
        records.compactMap { record in
            guard case .removeTopic(let removal) = record else { return nil }
            return image.topicNames[removal.topicId].map { RemovedTopic(name: $0, id: removal.topicId) }
        }
    }

    /// Opens or makes every local partition that the metadata name, at start.
    func load() throws(StorageError) {
        let view = view
        try partitions.load(image: view.image, resolver: view.resolver, nowMs: clock.nowMs)
    }
}

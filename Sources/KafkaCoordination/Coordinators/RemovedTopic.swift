package import KafkaWire

/// A topic that was deleted; there may be another of its name by now.
package struct RemovedTopic: Hashable, Sendable {
    package var name: String
    package var id: KafkaUUID

    package init(name: String, id: KafkaUUID) {
        self.name = name
        self.id = id
    }
}

/// A topic's name and a partition's number; names the folder of that partition.
package struct TopicPartition: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let topic: String
    package let partition: Int32

    package init(topic: String, partition: Int32) {
        self.topic = topic
        self.partition = partition
    }

    /// Reads a folder name: the partition follows the last dash. Nil if the name has another form, for example one
    /// with a suffix such as "-delete".
    package init?(directoryName: String) {
        guard let dash = directoryName.lastIndex(of: "-"), dash != directoryName.startIndex else { return nil }
        let digits = directoryName[directoryName.index(after: dash)...]
        guard !digits.isEmpty, digits.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }), let partition = Int32(digits)
        else { return nil }
        self.init(topic: String(directoryName[..<dash]), partition: partition)
    }

    /// "topic-partition": the folder's name, and how people name a partition.
    package var description: String { "\(topic)-\(partition)" }

    package static func < (left: TopicPartition, right: TopicPartition) -> Bool {
        (left.topic, left.partition) < (right.topic, right.partition)
    }
}

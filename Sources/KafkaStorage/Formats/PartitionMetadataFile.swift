import KafkaWire

/// `partition.metadata`: the id of the topic that a folder belongs to.
enum PartitionMetadataFile {
    static let name = "partition.metadata"

    static func encode(topicID: KafkaUUID) -> [UInt8] {
        Array("version: 0\ntopic_id: \(topicID)".utf8)
    }

    static func decode(_ bytes: [UInt8], path: String) throws(StorageError) -> KafkaUUID {
        guard let lines = textLines(bytes), lines.count == 2, words(lines[0]) == ["version:", "0"] else {
            throw .corrupt(path, "it does not begin with \"version: 0\" and one more line")
        }
        let second = words(lines[1])
        guard second.count == 2, second[0] == "topic_id:", let id = KafkaUUID(base64: String(second[1])) else {
            throw .corrupt(path, "its second line is not \"topic_id: \" and an id of 22 characters")
        }
        return id
    }
}

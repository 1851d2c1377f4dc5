package import KafkaWire

/// `meta.properties`: which node of which cluster a log directory belongs to (format version 1).
package struct MetaProperties: Equatable, Sendable {
    package static let fileName = "meta.properties"

    package var clusterID: String
    package var nodeID: Int32
    /// Absent in directories formatted before directory ids existed.
    package var directoryID: KafkaUUID?

    package init(clusterID: String, nodeID: Int32, directoryID: KafkaUUID?) {
        self.clusterID = clusterID
        self.nodeID = nodeID
        self.directoryID = directoryID
    }

    package func encode() -> [UInt8] {
        var text = "version=1\ncluster.id=\(clusterID)\nnode.id=\(nodeID)\n"
        if let directoryID { text += "directory.id=\(directoryID)\n" }
        return Array(text.utf8)
    }

    package static func decode(_ bytes: [UInt8], path: String) throws(StorageError) -> MetaProperties {
        guard let lines = textLines(bytes) else { throw .corrupt(path, "it is not text") }
        var values: [Substring: Substring] = [:]
        for line in lines {
            let content = line.drop { $0 == " " || $0 == "\t" }
            if content.isEmpty || content.first == "#" || content.first == "!" { continue }
            guard let separator = content.firstIndex(where: { $0 == "=" || $0 == ":" }) else {
                throw .corrupt(path, "the line \"\(content)\" is not key=value")
            }
            values[trimmed(content[..<separator])] = trimmed(content[content.index(after: separator)...])
        }
        guard values["version"] == "1" else {
            throw .corrupt(
                path,
                "its version is \(values["version"].map(String.init) ?? "missing"), only 1 (KRaft) is known",
                remedy: "use an empty data directory"
            )
        }
        guard let cluster = values["cluster.id"], !cluster.isEmpty else {
            throw .corrupt(path, "cluster.id is missing")
        }
        guard let node = values["node.id"].flatMap({ Int32($0) }), node >= 0 else {
            throw .corrupt(path, "node.id is missing or not a number")
        }
        var directoryID: KafkaUUID?
        if let text = values["directory.id"] {
            guard let id = KafkaUUID(base64: String(text)) else {
                throw .corrupt(path, "directory.id is not an id of 22 characters")
            }
            directoryID = id
        }
        return MetaProperties(clusterID: String(cluster), nodeID: node, directoryID: directoryID)
    }

    private static func trimmed(_ text: Substring) -> Substring {
        let front = text.drop { $0 == " " || $0 == "\t" }
        guard let last = front.lastIndex(where: { $0 != " " && $0 != "\t" }) else { return "" }
        return front[...last]
    }
}

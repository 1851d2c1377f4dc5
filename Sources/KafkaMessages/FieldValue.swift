package import KafkaWire
package import NIOCore

/// What a field of a record holds, apart from the type that holds it: for tools that print records by field names.
package indirect enum FieldValue: Equatable, Sendable {
    case null
    case bool(Bool)
    case integer(Int64)
    case float(Double)
    case string(String)
    case bytes(ByteBuffer)
    case uuid(KafkaUUID)
    case array([FieldValue])
    /// Fields in the order of the schema.
    case structure([Member])

    /// A field with its name as Kafka's schemas have it, with a small first letter.
    package struct Member: Equatable, Sendable {
        package var name: String
        package var value: FieldValue

        package init(name: String, value: FieldValue) {
            self.name = name
            self.value = value
        }
    }

    /// The value of a field of a structure; nil if there is none of this name.
    package subscript(name: String) -> FieldValue? {
        get {
            guard case .structure(let members) = self else { return nil }
            return members.first { $0.name == name }?.value
        }
        set {
            guard case .structure(var members) = self, let index = members.firstIndex(where: { $0.name == name })
            else { return }
            if let newValue { members[index].value = newValue } else { members.remove(at: index) }
            self = .structure(members)
        }
    }
}

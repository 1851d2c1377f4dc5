import KafkaMessages
import NIOCore

extension DataValue {
    /// Fields of a record as Kafka's JSON converters write them: ids as text, bytes as base64.
    init(_ value: FieldValue) {
        switch value {
        case .null: self = .null
        case .bool(let flag): self = .bool(flag)
        case .integer(let number): self = .int(number)
        case .float(let number): self = .double(number)
        case .string(let text): self = .string(text)
        case .bytes(let bytes): self = .string(Base64.text(bytes.readableBytesView))
        case .uuid(let id): self = .string("\(id)")
        case .array(let items): self = .array(items.map(DataValue.init))
        case .structure(let members):
            self = .object(members.map { Member(name: $0.name, value: DataValue($0.value)) })
        }
    }
}

package import KafkaWire
package import NIOCore

/// Something that fields of records hold, or a record itself: it can tell its value as of a version of the record.
package protocol FieldValueConvertible {
    func fieldValue(version: Int16) -> FieldValue
}

/// The fields of one structure while they are listed.
struct FieldList {
    let version: Int16
    private(set) var members: [FieldValue.Member] = []

    init(version: Int16) { self.version = version }

    mutating func add(_ name: String, _ value: some FieldValueConvertible) {
        members.append(FieldValue.Member(name: name, value: value.fieldValue(version: version)))
    }
}

extension FieldValueConvertible where Self: BinaryInteger {
    package func fieldValue(version: Int16) -> FieldValue { .integer(Int64(self)) }
}

extension Int8: FieldValueConvertible {}
extension Int16: FieldValueConvertible {}
extension Int32: FieldValueConvertible {}
extension Int64: FieldValueConvertible {}
extension UInt16: FieldValueConvertible {}
extension UInt32: FieldValueConvertible {}

extension Bool: FieldValueConvertible {
    package func fieldValue(version: Int16) -> FieldValue { .bool(self) }
}

extension Double: FieldValueConvertible {
    package func fieldValue(version: Int16) -> FieldValue { .float(self) }
}

extension String: FieldValueConvertible {
    package func fieldValue(version: Int16) -> FieldValue { .string(self) }
}

extension ByteBuffer: FieldValueConvertible {
    package func fieldValue(version: Int16) -> FieldValue { .bytes(self) }
}

extension KafkaUUID: FieldValueConvertible {
    package func fieldValue(version: Int16) -> FieldValue { .uuid(self) }
}

extension ErrorCode: FieldValueConvertible {
    package func fieldValue(version: Int16) -> FieldValue { .integer(Int64(rawValue)) }
}

extension Optional: FieldValueConvertible where Wrapped: FieldValueConvertible {
    package func fieldValue(version: Int16) -> FieldValue { map { $0.fieldValue(version: version) } ?? .null }
}

extension Array: FieldValueConvertible where Element: FieldValueConvertible {
    package func fieldValue(version: Int16) -> FieldValue { .array(map { $0.fieldValue(version: version) }) }
}

extension MetadataRecord {
    /// The record's fields as `version` has them.
    package func fieldValue(version: Int16) -> FieldValue {
        (record as? any FieldValueConvertible)?.fieldValue(version: version) ?? .structure([])
    }

    /// The name of its type as Kafka's tools print it, such as `BROKER_REGISTRATION_CHANGE_RECORD`.
    package var typeName: String {
        var name = ""
        for letter in "\(type(of: record))" {
            if letter.isUppercase, !name.isEmpty { name += "_" }
            name += letter.uppercased()
        }
        return name
    }
}

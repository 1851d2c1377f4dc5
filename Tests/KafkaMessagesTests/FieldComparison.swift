import Foundation
import KafkaMessages
import KafkaWire
import NIOCore

/// Holds a decoded message against the fields that a vector names, by field name. The answer lists what differs.
func differences(of value: Any, from fields: [String: Any], at path: String = "") -> [String] {
    var children: [String: Any] = [:]
    for child in Mirror(reflecting: value).children {
        if let label = child.label { children[label] = child.value }
    }
    return fields.flatMap { name, expected -> [String] in
        let property = name.prefix(1).lowercased() + name.dropFirst()
        guard let actual = children[property] else { return ["\(path).\(property) does not exist"] }
        return differences(ofValue: actual, from: expected, at: "\(path).\(property)")
    }
}

private func differences(ofValue actual: Any, from expected: Any, at path: String) -> [String] {
    let unexpected = ["\(path) is \(actual), not \(expected)"]
    let mirror = Mirror(reflecting: actual)
    if mirror.displayStyle == .optional {
        guard let inner = mirror.children.first?.value else { return expected is NSNull ? [] : unexpected }
        return differences(ofValue: inner, from: expected, at: path)
    }
    switch expected {
    case let object as [String: Any]:
        if let hex = object["bytes"] as? String { return hexOf(actual) == hex ? [] : unexpected }
        if let uuid = object["uuid"] as? String { return uuidText(actual) == uuid ? [] : unexpected }
        return differences(of: actual, from: object, at: path)
    case let list as [Any]:
        let elements = mirror.children.map(\.value)
        guard mirror.displayStyle == .collection, elements.count == list.count else { return unexpected }
        return zip(elements, list).enumerated().flatMap { index, pair in
            differences(ofValue: pair.0, from: pair.1, at: "\(path)[\(index)]")
        }
    case let text as String:
        return actual as? String == text ? [] : unexpected
    case let number as NSNumber:
        return integer(actual) == number.int64Value ? [] : unexpected
    default:
        return unexpected
    }
}

private func integer(_ value: Any) -> Int64? {
    switch value {
    case let code as ErrorCode: Int64(code.rawValue)
    case let flag as Bool: flag ? 1 : 0
    case let number as any BinaryInteger: Int64(exactly: number)
    default: nil
    }
}

private func hexOf(_ value: Any) -> String? {
    switch value {
    case let bytes as ByteBuffer: bytes.hex
    case let records as RecordData: (try? records.bytes())?.hex
    default: nil
    }
}

private func uuidText(_ value: Any) -> String? {
    guard let uuid = value as? KafkaUUID else { return nil }
    var bytes = ByteBuffer()
    bytes.writeInteger(uuid.high)
    bytes.writeInteger(uuid.low)
    var text = bytes.hex
    for position in [8, 13, 18, 23] { text.insert("-", at: text.index(text.startIndex, offsetBy: position)) }
    return text
}

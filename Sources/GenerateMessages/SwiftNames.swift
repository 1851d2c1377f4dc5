/// How schema types and values read in Swift.
enum SwiftNames {
    private static let keywords: Set<String> = [
        "associatedtype", "as", "break", "case", "catch", "class", "continue", "default", "defer", "deinit", "do",
        "else", "enum", "extension", "fallthrough", "false", "for", "func", "guard", "if", "import", "in", "init",
        "inout", "internal", "is", "let", "nil", "operator", "private", "protocol", "public", "repeat", "rethrows",
        "return", "self", "static", "struct", "subscript", "super", "switch", "throw", "throws", "true", "try",
        "typealias", "var", "where", "while",
    ]

    static func escaped(_ name: String) -> String {
        keywords.contains(name) ? "`\(name)`" : name
    }

    /// A property as methods name it, where it must not be taken for one of their own variables.
    static func reference(_ name: String) -> String {
        locals.contains(name) ? "self.\(name)" : escaped(name)
    }

    private static let locals: Set<String> = [
        "version", "reader", "writer", "flexible", "tag", "field", "tagged", "value",
    ]

    static func lowerCamel(_ name: String) -> String {
        name.prefix(1).lowercased() + name.dropFirst()
    }

    static func type(_ type: FieldType) -> String {
        switch type {
        case .bool: "Bool"
        case .int8: "Int8"
        case .int16: "Int16"
        case .int32: "Int32"
        case .int64: "Int64"
        case .uint16: "UInt16"
        case .uint32: "UInt32"
        case .float64: "Double"
        case .error: "ErrorCode"
        case .uuid: "KafkaUUID"
        case .string: "String"
        case .bytes: "ByteBuffer"
        case .records: "RecordData"
        case .structure(let name): name
        case .array(let element): "[\(Self.type(element))]"
        }
    }

    static func type(of field: Field) -> String {
        type(field.type) + (field.nullable == nil ? "" : "?")
    }

    /// The default as a Swift expression, for a property of the field's type.
    static func defaultValue(of field: Field) -> String {
        switch field.defaultValue {
        case .null: return "nil"
        case .bool(let value): return value ? "true" : "false"
        case .string(let value): return "\"\(value)\""
        case .integer(Int64(Int32.max)) where field.type == .int32: return ".max"
        case .integer(Int64.max): return ".max"
        case .integer(Int64(Int32.min)) where field.type == .int32: return ".min"
        case .integer(let value): return String(value)
        case nil: break
        }
        if field.isAlwaysNullable { return "nil" }
        switch field.type {
        case .bool: return "false"
        case .int8, .int16, .int32, .int64, .uint16, .uint32, .float64: return "0"
        case .error: return "ErrorCode.none"
        case .uuid: return "KafkaUUID.zero"
        case .string: return "\"\""
        case .bytes: return "ByteBuffer()"
        case .records: return "RecordData.empty"
        case .structure(let name): return "\(name)()"
        case .array: return "[]"
        }
    }

    /// An expression that is true when the field does not hold its default.
    static func isNotDefault(_ field: Field) -> String {
        let name = reference(field.name)
        switch (field.type, field.defaultValue) {
        case (.bool, .bool(true)): return "!\(name)"
        case (.bool, _): return name
        case (.string, nil) where field.nullable == nil: return "!\(name).isEmpty"
        case (.array, nil) where field.nullable == nil: return "!\(name).isEmpty"
        default: return "\(name) != \(defaultValue(of: field))"
        }
    }
}

/// A test of the version, folded against the versions that can come at all.
enum Condition: Equatable {
    case always
    case never
    case test(String)

    init(_ range: VersionRange?, within possible: VersionRange) {
        guard let range, range.intersection(possible) != nil else {
            self = .never
            return
        }
        switch (range.lowest <= possible.lowest, range.highest >= possible.highest) {
        case (true, true): self = .always
        case (false, true): self = .test("version >= \(range.lowest)")
        case (true, false): self = .test("version <= \(range.highest)")
        case (false, false): self = .test("version >= \(range.lowest) && version <= \(range.highest)")
        }
    }

    /// The opposite test of a range that is sometimes there.
    static func outside(_ range: VersionRange, within possible: VersionRange) -> Condition {
        switch (range.lowest <= possible.lowest, range.highest >= possible.highest) {
        case (true, true): .never
        case (false, true): .test("version < \(range.lowest)")
        case (true, false): .test("version > \(range.highest)")
        case (false, false): .test("version < \(range.lowest) || version > \(range.highest)")
        }
    }
}

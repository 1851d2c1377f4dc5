/// An inclusive range of versions. An open range ("3+") ends at `VersionRange.open` until it is cut to its message.
package struct VersionRange: Equatable {
    package static let open = Int(Int16.max)
    package static let all = VersionRange(0, open)

    package var lowest: Int
    package var highest: Int

    package init(_ lowest: Int, _ highest: Int) {
        self.lowest = lowest
        self.highest = highest
    }

    func contains(_ other: VersionRange) -> Bool { lowest <= other.lowest && other.highest <= highest }

    /// The versions in both, or nil if there are none.
    func intersection(_ other: VersionRange) -> VersionRange? {
        let range = VersionRange(max(lowest, other.lowest), min(highest, other.highest))
        return range.lowest <= range.highest ? range : nil
    }

    /// The smallest range that holds both.
    func hull(_ other: VersionRange?) -> VersionRange {
        guard let other else { return self }
        return VersionRange(min(lowest, other.lowest), max(highest, other.highest))
    }
}

/// A type as a schema writes it.
package enum FieldType: Equatable, Sendable {
    case bool, int8, int16, int32, int64, uint16, uint32, float64
    case error, uuid, string, bytes, records
    case structure(String)
    indirect case array(FieldType)

    static let named: [String: FieldType] = [
        "bool": .bool, "int8": .int8, "int16": .int16, "int32": .int32, "int64": .int64, "uint16": .uint16,
        "uint32": .uint32, "float64": .float64, "error": .error, "uuid": .uuid, "string": .string, "bytes": .bytes,
        "records": .records,
    ]

    /// The name of the structure that the type is or holds.
    package var structureName: String? {
        switch self {
        case .structure(let name): name
        case .array(let element): element.structureName
        default: nil
        }
    }

    var canBeNull: Bool {
        switch self {
        case .string, .bytes, .records, .structure, .array: true
        default: false
        }
    }

    var canBeElement: Bool {
        switch self {
        case .int8, .int16, .int32, .int64, .string, .uuid, .structure: true
        default: false
        }
    }
}

/// The value that a field has when it is not on the wire.
package enum DefaultValue: Equatable {
    case null
    case integer(Int64)
    case bool(Bool)
    case string(String)
}

/// One field of a structure.
package struct Field: Equatable {
    package var name: String
    package var type: FieldType
    /// The versions in which the field is on the wire.
    package var versions: VersionRange
    /// The versions in which it may be null.
    package var nullable: VersionRange?
    /// Its tag, if it stands in the tagged section.
    package var tag: Int?
    package var defaultValue: DefaultValue?
    /// Whether a value may be dropped silently in versions that lack the field.
    package var ignorable = false
    /// Whether its length has the old form even in flexible versions.
    package var plain = false
    /// Whether a null that the protocol does not allow is read all the same, as empty where it is never allowed.
    package var lenient = false
    package var documentation: [String] = []
    package var line: Int

    /// Whether it may be null wherever it is; such a field is null by default.
    var isAlwaysNullable: Bool { nullable == versions }
}

/// Fields with a name: a message's own, or a structure inside one.
package struct Structure: Equatable {
    package var name: String
    package var fields: [Field] = []
    package var documentation: [String] = []
    package var line: Int
    /// The versions in which it is in use; set by the checks.
    package var versions = VersionRange.all
}

/// One top-level message: request, response, log record or other data.
package struct Message: Equatable {
    package enum Kind: Equatable {
        case request(key: Int)
        case response(key: Int)
        /// A record of the metadata log, with the type number in its frame.
        case record(key: Int)
        case header
        case data
    }

    package var kind: Kind
    package var versions: VersionRange
    package var flexible: VersionRange?
    package var body: Structure
    /// The structures inside, in the order in which they were written.
    package var structures: [Structure] = []
    package var line: Int
}

/// What the `api` line of a file says.
package struct API: Equatable {
    package var name: String
    package var key: Int
    package var listeners: [String]
    package var documentation: [String]

    package init(name: String, key: Int, listeners: [String], documentation: [String]) {
        self.name = name
        self.key = key
        self.listeners = listeners
        self.documentation = documentation
    }
}

/// One schema file.
package struct Schema: Equatable {
    package var path: String
    package var api: API?
    package var messages: [Message] = []
}

/// A fault in a schema, with its place.
package struct SchemaError: Error, Equatable, CustomStringConvertible {
    package var path: String
    package var line: Int
    package var message: String

    package init(path: String, line: Int, message: String) {
        self.path = path
        self.line = line
        self.message = message
    }

    package var description: String { "\(path):\(line): \(message)" }
}

/// What a config holds, with the number that DescribeConfigs (version 3 and later) gives it.
package enum ConfigType: Int8, Sendable {
    case boolean = 1
    case string = 2
    case int = 3
    case short = 4
    case long = 5
    case double = 6
    case list = 7
    case `class` = 8
    case password = 9

    /// Kafka's word for the type, as error messages use it.
    package var name: String {
        switch self {
        case .boolean: "BOOLEAN"
        case .string: "STRING"
        case .int: "INT"
        case .short: "SHORT"
        case .long: "LONG"
        case .double: "DOUBLE"
        case .list: "LIST"
        case .class: "CLASS"
        case .password: "PASSWORD"
        }
    }
}

/// What a value must satisfy beyond its type.
package enum ConfigRule: Sendable, Equatable {
    case any
    case atLeast(Int64)
    case between(Int64, Int64)
    /// A closed range of doubles.
    case fraction(Double, Double)
    /// A string, or each item of a list, is one of these.
    case oneOf([String])
    /// `partition:broker` pairs separated by commas, `*`, or nothing.
    case throttledReplicas
    /// A gzip level: -1 (the library's default) or 1 to 9.
    case gzipLevel
}

/// When a broker config may change.
package enum ConfigUpdateMode: Sendable {
    /// Only by restarting with another properties file.
    case readOnly
    /// For one broker or as the default of all.
    case perBroker
    /// Also for one broker, but meant to be equal on all of them.
    case clusterWide
}

/// One config: its name, type, default, limits and meaning.
package struct ConfigDefinition: Sendable {
    package let name: String
    package let type: ConfigType
    /// The value when nobody sets it; nil is Kafka's null.
    package let defaultValue: String?
    package let rule: ConfigRule
    package let updateMode: ConfigUpdateMode
    package let documentation: String

    package init(
        _ name: String,
        _ type: ConfigType,
        _ defaultValue: String?,
        _ rule: ConfigRule,
        update updateMode: ConfigUpdateMode = .readOnly,
        _ documentation: String
    ) {
        self.name = name
        self.type = type
        self.defaultValue = defaultValue
        self.rule = rule
        self.updateMode = updateMode
        self.documentation = documentation
    }

    /// A config that may hold anything of its type.
    package init(
        _ name: String,
        _ type: ConfigType,
        _ defaultValue: String?,
        update updateMode: ConfigUpdateMode = .readOnly,
        _ documentation: String
    ) {
        self.init(name, type, defaultValue, .any, update: updateMode, documentation)
    }

    package var isSensitive: Bool { type == .password }

    /// The value as it is stored: without surrounding blanks; checked against type and rule.
    package func parse(_ value: String) throws(ConfigError) -> ConfigValue {
        let trimmed = value.trimmingBlanks()
        let parsed = try parseType(trimmed)
        try check(parsed, text: trimmed)
        return parsed
    }

    private func parseType(_ text: String) throws(ConfigError) -> ConfigValue {
        switch type {
        case .boolean:
            switch text.lowercased() {
            case "true": return .boolean(true)
            case "false": return .boolean(false)
            default: throw .invalid(name, text, "Expected value to be either true or false")
            }
        case .string, .class, .password: return .string(text)
        case .list: return .list(text.isEmpty ? [] : text.split(separator: ",").map { String($0).trimmingBlanks() })
        case .int: return .integer(Int64(try integer(text, as: Int32.self)))
        case .short: return .integer(Int64(try integer(text, as: Int16.self)))
        case .long: return .integer(try integer(text, as: Int64.self))
        case .double:
            guard let number = Double(text) else { throw .invalid(name, text, "Not a number of type DOUBLE") }
            return .double(number)
        }
    }

    private func integer<T: FixedWidthInteger>(_ text: String, as: T.Type) throws(ConfigError) -> T {
        guard let number = T(text) else { throw .invalid(name, text, "Not a number of type \(type.name)") }
        return number
    }

    private func check(_ value: ConfigValue, text: String) throws(ConfigError) {
        switch (rule, value) {
        case (.any, _): return
        case (.atLeast(let minimum), .integer(let number)):
            if number < minimum { throw .invalid(name, text, "Value must be at least \(minimum)") }
        case (.between(let minimum, let maximum), .integer(let number)):
            if number < minimum { throw .invalid(name, text, "Value must be at least \(minimum)") }
            if number > maximum { throw .invalid(name, text, "Value must be no more than \(maximum)") }
        case (.fraction(let minimum, let maximum), .double(let number)):
            if !(number >= minimum) { throw .invalid(name, text, "Value must be at least \(minimum)") }
            if !(number <= maximum) { throw .invalid(name, text, "Value must be no more than \(maximum)") }
        case (.oneOf(let choices), .string(let chosen)): try check([chosen], among: choices, text: text)
        case (.oneOf(let choices), .list(let items)): try check(items, among: choices, text: text)
        case (.gzipLevel, .integer(let level)):
            if level != -1, !(1...9).contains(level) {
                throw .invalid(name, text, "Value must be between 1 and 9 or equal to -1")
            }
        case (.throttledReplicas, .list(let items)):
            if items != ["*"], !items.allSatisfy(Self.isThrottledReplica) {
                let reason = "must be the literal '*' or a list of replicas in the form [partitionId]:[brokerId],…"
                throw .invalid(name, text, reason)
            }
        default: return
        }
    }

    private func check(_ items: [String], among choices: [String], text: String) throws(ConfigError) {
        guard items.allSatisfy(choices.contains) else {
            throw .invalid(name, text, "String must be one of: \(choices.joined(separator: ", "))")
        }
    }

    private static func isThrottledReplica(_ item: String) -> Bool {
        let parts = item.split(separator: ":", omittingEmptySubsequences: false)
        return parts.count == 2 && parts.allSatisfy { UInt32($0) != nil }
    }
}

/// A config's value after parsing.
package enum ConfigValue: Sendable, Equatable {
    case boolean(Bool)
    case integer(Int64)
    case double(Double)
    case string(String)
    case list([String])
}

/// Why a config cannot be taken; the description is what the client gets beside INVALID_CONFIG.
package enum ConfigError: Error, Equatable, CustomStringConvertible {
    case unknown(kind: String, name: String)
    case invalid(_ name: String, _ value: String, _ reason: String)
    /// Two configs that contradict each other, or another rule that involves more than one of them.
    case conflict(String)

    package var description: String {
        switch self {
        case .unknown(let kind, let name): "Unknown \(kind) config name: \(name)"
        case .invalid(let name, let value, let reason): "Invalid value \(value) for configuration \(name): \(reason)"
        case .conflict(let message): message
        }
    }
}

extension String {
    /// Without the blanks and line ends at both ends.
    package func trimmingBlanks() -> String {
        let isBlank: (Character) -> Bool = { $0.isWhitespace }
        guard let first = firstIndex(where: { !isBlank($0) }), let last = lastIndex(where: { !isBlank($0) }) else {
            return ""
        }
        return String(self[first...last])
    }
}

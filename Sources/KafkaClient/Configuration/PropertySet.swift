/// Kafka properties as a file or a command line gave them, and which of them some configuration has understood.
///
/// ```swift
/// var properties = PropertySet(["bootstrap.servers": "localhost:9092", "isolation.level": "read_committed"])
/// let client = try ClientConfiguration(properties: &properties)
/// let consumer = try ConsumerConfiguration(properties: &properties)
/// print(properties.unknownNames)
/// ```
public struct PropertySet: Sendable {
    private let values: [String: String]
    private var understood: Set<String> = []

    /// Properties by name. Names are case sensitive, as in Kafka.
    public init(_ values: [String: String]) {
        self.values = values
    }

    /// Names that no configuration has taken so far and that are not among Kafka's names without effect here, sorted.
    public var unknownNames: [String] {
        values.keys.filter { !understood.contains($0) && !KnownProperties.withoutEffect.contains($0) }.sorted()
    }

    /// The text of one property, which then counts as understood.
    package mutating func take(_ name: String) -> String? {
        guard let value = values[name] else { return nil }
        understood.insert(name)
        return value
    }

    /// Sets every property of a table that is present.
    ///
    /// - Throws: ``KafkaClientError/Code/invalidConfiguration`` naming the property, its value and what is allowed.
    package mutating func apply<Target>(
        _ bindings: [PropertyBinding<Target>],
        to target: inout Target
    ) throws(KafkaClientError) {
        for binding in bindings {
            guard let text = take(binding.name) else { continue }
            do {
                try binding.assign(&target, String(trimmingSpaces(text[...])))
            } catch {
                throw KafkaClientError(
                    .invalidConfiguration,
                    "'\(text)' is not a value for \(binding.name): \(error.expectation)."
                )
            }
        }
    }
}

/// Why a property's text is not a value; a clause such as "a whole number is expected".
package struct PropertyValueError: Error {
    package let expectation: String

    package init(_ expectation: String) {
        self.expectation = expectation
    }
}

/// One line of a table of properties: Kafka's name, and how its text becomes a field.
package struct PropertyBinding<Target>: Sendable {
    package let name: String
    package let assign: @Sendable (inout Target, String) throws(PropertyValueError) -> Void

    /// A property that needs its own parser.
    package init(
        _ name: String,
        assign: @escaping @Sendable (inout Target, String) throws(PropertyValueError) -> Void
    ) {
        self.name = name
        self.assign = assign
    }

    /// Whole milliseconds.
    package static func milliseconds(
        _ name: String,
        _ path: any WritableKeyPath<Target, Duration> & Sendable,
        in range: ClosedRange<Int64> = 0...Int64(Int32.max)
    ) -> Self {
        Self(name) { (target: inout Target, text) throws(PropertyValueError) in
            target[keyPath: path] = .milliseconds(try parseInteger(text, in: range, unit: " milliseconds"))
        }
    }

    /// A whole number.
    package static func integer(
        _ name: String,
        _ path: any WritableKeyPath<Target, Int> & Sendable,
        in range: ClosedRange<Int>
    ) -> Self {
        Self(name) { (target: inout Target, text) throws(PropertyValueError) in
            target[keyPath: path] = try parseInteger(text, in: range, unit: "")
        }
    }

    /// `true` or `false`, in any case.
    package static func boolean(
        _ name: String,
        _ path: any WritableKeyPath<Target, Bool> & Sendable
    ) -> Self {
        Self(name) { (target: inout Target, text) throws(PropertyValueError) in
            switch text.lowercased() {
            case "true": target[keyPath: path] = true
            case "false": target[keyPath: path] = false
            default: throw PropertyValueError("true or false is expected")
            }
        }
    }

    /// Any text.
    package static func string(
        _ name: String,
        _ path: any WritableKeyPath<Target, String> & Sendable
    ) -> Self {
        Self(name) { (target: inout Target, text) throws(PropertyValueError) in
            target[keyPath: path] = text
        }
    }

    /// One of a few words, in any case.
    package static func choice<Value: Sendable>(
        _ name: String,
        _ path: any WritableKeyPath<Target, Value> & Sendable,
        _ choices: KeyValuePairs<String, Value>
    ) -> Self {
        Self(name) { (target: inout Target, text) throws(PropertyValueError) in
            let word = text.lowercased()
            guard let match = choices.first(where: { $0.key == word }) else {
                let words = choices.map(\.key).joined(separator: ", ")
                throw PropertyValueError("one of \(words) is expected")
            }
            target[keyPath: path] = match.value
        }
    }
}

/// A whole number within bounds.
package func parseInteger<Integer: FixedWidthInteger>(
    _ text: String,
    in range: ClosedRange<Integer>,
    unit: String
) throws(PropertyValueError) -> Integer {
    guard let value = Integer(text) else {
        throw PropertyValueError("a whole number\(unit.isEmpty ? "" : " of\(unit)") is expected")
    }
    guard range.contains(value) else {
        throw PropertyValueError("it must lie between \(range.lowerBound) and \(range.upperBound)\(unit)")
    }
    return value
}

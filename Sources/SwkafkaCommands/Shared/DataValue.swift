/// What a command has to say, apart from how it is printed: one tree for JSON, YAML and tables.
///
/// The emitters beside it are our own because the usual ones live in Foundation, whose loading would cost more than a
/// whole `swkafka topics --list`.
indirect enum DataValue: Equatable, Sendable {
    case null
    case bool(Bool)
    case int(Int64)
    /// Printed as Java prints it.
    case double(Double)
    case string(String)
    case array([DataValue])
    /// Members in the order in which they are printed.
    case object([Member])

    struct Member: Equatable, Sendable {
        var name: String
        var value: DataValue
    }

    static func members(_ pairs: KeyValuePairs<String, DataValue>) -> DataValue {
        .object(pairs.map { Member(name: $0.key, value: $0.value) })
    }

    static func number(_ value: some BinaryInteger) -> DataValue { .int(Int64(value)) }
    static func optional(_ text: String?) -> DataValue { text.map { .string($0) } ?? .null }
    static func optional(_ number: (some BinaryInteger)?) -> DataValue { number.map { .int(Int64($0)) } ?? .null }
    static func numbers(_ values: [some BinaryInteger]) -> DataValue { .array(values.map { .int(Int64($0)) }) }
    static func strings(_ values: [String]) -> DataValue { .array(values.map { .string($0) }) }
}

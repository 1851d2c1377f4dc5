/// Kafka's decoders for keys and values whose meaning is not known.
enum PayloadDecoder: String {
    case string = "StringDecoder"
    case integer = "IntegerDecoder"
    case long = "LongDecoder"
    case bytes = "DefaultDecoder"

    /// Accepts the full names of today and of releases before 4.0, and the last word alone.
    init(className: String) throws(CommandFailure) {
        let bare = className.split(separator: ".").last.map(String.init) ?? className
        let packages = ["", "org.apache.kafka.tools.api.", "kafka.serializer."]
        guard packages.contains(where: { className == $0 + bare }), let decoder = PayloadDecoder(rawValue: bare) else {
            throw CommandFailure(
                "There is no decoder '\(className)': give StringDecoder, IntegerDecoder, LongDecoder or DefaultDecoder.",
                status: .usage
            )
        }
        self = decoder
    }

    func write(_ data: UnsafeRawBufferPointer, to line: inout TextLine) throws(CommandFailure) {
        switch self {
        case .string: line.add(String(decoding: data, as: UTF8.self))
        case .integer: line.add(try number(data, Int32.self))
        case .long: line.add(try number(data, Int64.self))
        case .bytes:
            var text: [UInt8] = []
            try Deserializer.bytes.write(data, to: &text)
            line.add(text)
        }
    }

    /// The number in front; what follows it does not matter.
    private func number<Value: FixedWidthInteger>(
        _ data: UnsafeRawBufferPointer,
        _ type: Value.Type
    ) throws(CommandFailure) -> Value {
        let size = MemoryLayout<Value>.size
        guard data.count >= size else {
            throw CommandFailure("\(rawValue) cannot read a record: it has \(data.count) bytes instead of \(size).")
        }
        return Value(bigEndian: data.loadUnaligned(as: Value.self))
    }
}

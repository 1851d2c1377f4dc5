/// A record as one line of JSON, from which `console-producer --input json` makes the same record again, byte for byte.
///
/// Null and empty are told apart; bytes that are not UTF-8 are an object with the member `base64`. The line is laid out
/// from the batch's bytes, without a string for a record.
struct JSONRecordFormatter {
    private var line: [UInt8] = []

    mutating func write(_ record: RecordFields, topic: String, to output: ByteOutput) throws(OutputError) {
        line.removeAll(keepingCapacity: true)
        append("{\"topic\":")
        topic.withBytes { append($0) }
        append(",\"partition\":\(record.partition),\"offset\":\(record.offset)")
        switch record.timestampKind {
        case .none: append(",\"timestamp\":null")
        case .create: append(",\"timestamp\":\(record.timestamp),\"timestampType\":\"CreateTime\"")
        case .logAppend: append(",\"timestamp\":\(record.timestamp),\"timestampType\":\"LogAppendTime\"")
        }
        append(",\"leaderEpoch\":\(record.leaderEpoch.map(String.init) ?? "null")")
        if let count = record.deliveryCount { append(",\"deliveryCount\":\(count)") }
        append(",\"key\":")
        append(record.key)
        append(",\"value\":")
        append(record.value)
        append(",\"headers\":[")
        for (index, header) in record.headers.enumerated() {
            append(index == 0 ? "{\"key\":" : ",{\"key\":")
            append(header.key)
            append(",\"value\":")
            append(header.value)
            append("}")
        }
        append("]}\n")
        try output.write(line)
    }

    private mutating func append(_ text: String) { line.append(contentsOf: text.utf8) }

    private mutating func append(_ bytes: UnsafeRawBufferPointer?) {
        guard let bytes else { return append("null") }
        let isText = bytes.allSatisfy { $0 < 0x80 } || String(validating: bytes, as: UTF8.self) != nil
        guard isText else { return append("{\"base64\":\"\(Base64.text(bytes))\"}") }
        line.append(UInt8(ascii: "\""))
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                line.append(UInt8(ascii: "\\"))
                line.append(byte)
            case UInt8(ascii: "\n"): append("\\n")
            case UInt8(ascii: "\r"): append("\\r")
            case UInt8(ascii: "\t"): append("\\t")
            case 0..<0x20, 0x7F:
                let digits = String(byte, radix: 16)
                append(byte < 0x10 ? "\\u000\(digits)" : "\\u00\(digits)")
            default: line.append(byte)
            }
        }
        line.append(UInt8(ascii: "\""))
    }
}

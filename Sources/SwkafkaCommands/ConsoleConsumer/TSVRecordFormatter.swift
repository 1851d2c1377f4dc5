/// A record as one line of tab-separated values, after a line with their names: topic, partition, offset, timestamp, key,
/// value and headers, each header as `name=value`, with commas between them.
///
/// Escapes are those of `TSVText`; other bytes stay as they are. The line is laid out from the batch's bytes, without a
/// string for a record.
struct TSVRecordFormatter {
    static let header = "topic\tpartition\toffset\ttimestamp\tkey\tvalue\theaders\n"

    private var line = TextLine()

    mutating func write(_ record: RecordFields, topic: String, to output: ByteOutput) throws(OutputError) {
        line.clear()
        line.add(topic)
        line.add("\t" as StaticString)
        line.add(record.partition)
        line.add("\t" as StaticString)
        line.add(record.offset)
        line.add("\t" as StaticString)
        if record.timestampKind == .none { line.add("\\N" as StaticString) } else { line.add(record.timestamp) }
        line.add("\t" as StaticString)
        add(record.key)
        line.add("\t" as StaticString)
        add(record.value)
        line.add("\t" as StaticString)
        for (index, header) in record.headers.enumerated() {
            if index > 0 { line.add("," as StaticString) }
            add(header.key)
            line.add("=" as StaticString)
            add(header.value)
        }
        try line.end(output)
    }

    private mutating func add(_ bytes: UnsafeRawBufferPointer?) {
        guard let bytes else { return line.add("\\N" as StaticString) }
        guard bytes.contains(where: { $0 == 0x09 || $0 == 0x0A || $0 == 0x0D || $0 == UInt8(ascii: "\\") }) else {
            return line.add(bytes)
        }
        for byte in bytes {
            switch byte {
            case 0x09: line.add("\\t" as StaticString)
            case 0x0A: line.add("\\n" as StaticString)
            case 0x0D: line.add("\\r" as StaticString)
            case UInt8(ascii: "\\"): line.add("\\\\" as StaticString)
            default: line.add(CollectionOfOne(byte))
            }
        }
    }
}

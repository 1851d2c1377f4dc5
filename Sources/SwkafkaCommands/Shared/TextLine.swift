/// A line of text under construction; numbers and names go into it without becoming strings of their own.
struct TextLine {
    private(set) var bytes: [UInt8] = []

    mutating func add(_ text: StaticString) {
        text.withUTF8Buffer { bytes.append(contentsOf: $0) }
    }

    mutating func add(_ text: String) { bytes.append(contentsOf: text.utf8) }

    mutating func add(_ more: some Sequence<UInt8>) { bytes.append(contentsOf: more) }

    mutating func add(_ number: some FixedWidthInteger) {
        var rest = UInt64(number.magnitude)
        if number < 0 { bytes.append(UInt8(ascii: "-")) }
        let start = bytes.count
        repeat {
            bytes.append(UInt8(ascii: "0") + UInt8(rest % 10))
            rest /= 10
        } while rest > 0
        bytes[start...].reverse()
    }

    mutating func add(_ flag: Bool) { add(flag ? "true" : "false" as StaticString) }

    /// Begins anew.
    mutating func clear() { bytes.removeAll(keepingCapacity: true) }

    /// Ends the line, writes it and begins another.
    mutating func end(_ output: ByteOutput) throws(OutputError) {
        bytes.append(UInt8(ascii: "\n"))
        try output.write(bytes)
        clear()
    }
}

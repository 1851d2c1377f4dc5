import KafkaWire

/// Which records are wanted, by what stands in them: all tests must hold.
///
/// Everything is decided on the bytes of the batch; no record costs a string or an object.
struct RecordFilter: Sendable {
    /// A header that must be there, with this value unless it is nil.
    struct HeaderTest: Equatable, Sendable {
        var name: [UInt8]
        var value: [UInt8]?

        /// `name` or `name=value`.
        init(_ text: String) {
            let halves = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            name = Array(halves[0].utf8)
            value = halves.count > 1 ? Array(halves[1].utf8) : nil
        }
    }

    /// Each must occur in the value; null holds nothing.
    var greps: [BytePattern] = []
    /// The whole key.
    var key: [UInt8]?
    var headers: [HeaderTest] = []
    /// Each must hold for the value, read as JSON.
    var fields: [FieldTest] = []

    /// - Parameters:
    ///   - greps: regular expressions for the value.
    ///   - headers: each `name` or `name=value`.
    ///   - fields: tests of fields of JSON.
    init(greps: [String], key: String?, headers: [String], fields: [String]) throws(CommandFailure) {
        for pattern in greps { self.greps.append(try BytePattern(pattern)) }
        self.key = key.map { Array($0.utf8) }
        self.headers = headers.map { HeaderTest($0) }
        for test in fields { self.fields.append(try FieldTest(test)) }
    }

    func matches(_ record: RawRecord) -> Bool {
        if let key {
            guard let found = record.key, found.elementsEqual(key) else { return false }
        }
        for grep in greps {
            guard let value = record.value, grep.occurs(in: value) else { return false }
        }
        for header in headers where !has(header, record) { return false }
        for field in fields {
            guard let value = record.value, field.holds(for: value) else { return false }
        }
        return true
    }

    private func has(_ test: HeaderTest, _ record: RawRecord) -> Bool {
        var isThere = false
        record.forEachHeader { name, value in
            isThere =
                name.elementsEqual(test.name)
                && (test.value.map { wanted in value.map { $0.elementsEqual(wanted) } ?? false } ?? true)
            return !isThere
        }
        return isThere
    }
}

import GenerateMessages
import KafkaWire
import NIOCore

/// A small generator of random numbers with a seed, so that a failure can be had again.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var bits = state
        bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        return bits ^ (bits >> 31)
    }
}

/// Encodes a random instance of a message straight from its schema, without any generated code and without
/// `WireWriter`: a second opinion on both.
struct RandomEncoder {
    let message: Message
    let version: Int
    var random: SeededGenerator
    private var out = ByteBuffer()

    init(message: Message, version: Int, seed: UInt64) {
        self.message = message
        self.version = version
        random = SeededGenerator(seed: seed)
    }

    static func encode(_ message: Message, version: Int, seed: UInt64) -> ByteBuffer {
        var encoder = RandomEncoder(message: message, version: version, seed: seed)
        encoder.write(message.body, isNotDefault: false)
        return encoder.out
    }

    private var isFlexible: Bool { message.flexible.map { $0.lowest <= version } ?? false }

    private func isThere(_ range: VersionRange?) -> Bool {
        range.map { $0.lowest <= version && version <= $0.highest } ?? false
    }

    private mutating func chance(_ one: Int) -> Bool { Int.random(in: 0..<one, using: &random) == 0 }

    // MARK: Structures

    private mutating func write(_ structure: Structure, isNotDefault: Bool) {
        for field in structure.fields where field.tag == nil && isThere(field.versions) {
            write(field, isNotDefault: isNotDefault)
        }
        guard isFlexible else { return }
        var section: [(tag: Int, bytes: ByteBuffer)] = []
        for field in structure.fields where isThere(field.versions) {
            guard let tag = field.tag, chance(2) else { continue }
            section.append((tag, captured { $0.writeTagged(field) }))
        }
        if chance(4) {
            let tag = Int.random(in: 100..<70_000, using: &random)
            section.append((tag, captured { $0.out.writeBytes([1, 2, 3]) }))
        }
        section.sort { $0.tag < $1.tag }
        writeUnsigned(section.count)
        for (tag, bytes) in section {
            writeUnsigned(tag)
            writeUnsigned(bytes.readableBytes)
            out.writeImmutableBuffer(bytes)
        }
    }

    private mutating func captured(_ body: (inout RandomEncoder) -> Void) -> ByteBuffer {
        let before = out
        out = ByteBuffer()
        body(&self)
        defer { out = before }
        return out
    }

    /// A tagged field is only on the wire if it is not its default, which for one that may be null is null.
    private mutating func writeTagged(_ field: Field) {
        if case .structure = field.type, field.nullable != nil { writeUnsigned(1) }
        writeValue(field.type, of: field, compact: true, isNotDefault: true)
    }

    private mutating func write(_ field: Field, isNotDefault: Bool) {
        let compact = isFlexible && !field.plain
        let mayBeNull = isThere(field.nullable)
        if mayBeNull, !isNotDefault, chance(3) {
            writeNull(field.type, compact: compact)
            return
        }
        if mayBeNull, case .structure = field.type { out.writeInteger(1 as Int8) }
        writeValue(field.type, of: field, compact: compact, isNotDefault: isNotDefault)
    }

    private mutating func writeNull(_ type: FieldType, compact: Bool) {
        switch type {
        case .structure: out.writeInteger(-1 as Int8)
        case .string where !compact: out.writeInteger(-1 as Int16)
        default: if compact { writeUnsigned(0) } else { out.writeInteger(-1 as Int32) }
        }
    }

    // MARK: Values

    private mutating func writeValue(_ type: FieldType, of field: Field, compact: Bool, isNotDefault: Bool) {
        switch type {
        case .bool:
            let value = isNotDefault ? field.defaultValue != .bool(true) : chance(2)
            out.writeInteger(value ? 1 : 0, as: UInt8.self)
        case .int8: out.writeInteger(integer(of: field, isNotDefault: isNotDefault) as Int8)
        case .int16, .error: out.writeInteger(integer(of: field, isNotDefault: isNotDefault) as Int16)
        case .int32: out.writeInteger(integer(of: field, isNotDefault: isNotDefault) as Int32)
        case .int64: out.writeInteger(integer(of: field, isNotDefault: isNotDefault) as Int64)
        case .uint16: out.writeInteger(integer(of: field, isNotDefault: isNotDefault) as UInt16)
        case .uint32: out.writeInteger(integer(of: field, isNotDefault: isNotDefault) as UInt32)
        case .float64: out.writeInteger(Double.random(in: 1..<2, using: &random).bitPattern)
        case .uuid:
            out.writeInteger(random.next() | 1)
            out.writeInteger(random.next())
        case .string: writeString(compact: compact, isNotDefault: isNotDefault)
        case .bytes: writeBytes(count: Int.random(in: isNotDefault ? 1...9 : 0...9, using: &random), compact: compact)
        case .records:
            // Now and then large enough to be spliced.
            let count = chance(8) ? 5000 : Int.random(in: isNotDefault ? 1...99 : 0...99, using: &random)
            writeBytes(count: count, compact: compact)
        case .structure(let name):
            if let structure = message.structures.first(where: { $0.name == name }) {
                write(structure, isNotDefault: isNotDefault)
            }
        case .array(let element):
            let count = Int.random(in: isNotDefault ? 1...2 : 0...2, using: &random)
            writeCount(count, compact: compact)
            for _ in 0..<count { writeValue(element, of: field, compact: compact, isNotDefault: false) }
        }
    }

    private mutating func integer<T: FixedWidthInteger>(of field: Field, isNotDefault: Bool) -> T {
        var unwanted: T = 0
        if case .integer(let value) = field.defaultValue { unwanted = T(truncatingIfNeeded: value) }
        while true {
            let value = chance(4) ? T.max : T(truncatingIfNeeded: random.next())
            if !isNotDefault || value != unwanted { return value }
        }
    }

    private mutating func writeString(compact: Bool, isNotDefault: Bool) {
        let texts = ["orders", "grüß-世界", "a", String(repeating: "x", count: 200), ""]
        let text = texts[Int.random(in: 0..<(isNotDefault ? 4 : 5), using: &random)]
        if compact { writeUnsigned(text.utf8.count + 1) } else { out.writeInteger(Int16(text.utf8.count)) }
        out.writeString(text)
    }

    private mutating func writeBytes(count: Int, compact: Bool) {
        writeCount(count, compact: compact)
        for _ in 0..<count { out.writeInteger(UInt8(truncatingIfNeeded: random.next())) }
    }

    private mutating func writeCount(_ count: Int, compact: Bool) {
        if compact { writeUnsigned(count + 1) } else { out.writeInteger(Int32(count)) }
    }

    private mutating func writeUnsigned(_ value: Int) {
        var rest = value
        while rest >= 128 {
            out.writeInteger(UInt8(rest % 128 + 128))
            rest /= 128
        }
        out.writeInteger(UInt8(rest))
    }
}

/// The few messages of ZooKeeper's protocol (jute) that it takes to read a node: big-endian numbers, strings and buffers
/// after their length, everything in frames with a length of four bytes.
enum ZooKeeperMessages {
    /// Operations, by the protocol's numbers.
    enum Operation: Int32 {
        case data = 4
        case children = 8
        case close = -11
    }

    /// No node may be larger (`jute.maxbuffer`), apart from the header.
    static let largestFrame = (1 << 20) + 1024

    static let sessionTimeoutMs: Int32 = 10_000
    /// What a server says when there is no such node.
    static let noNode: Int32 = -101

    /// Opens a session.
    static func connect() -> [UInt8] {
        var bytes = bigEndian(Int32(0)) + bigEndian(Int64(0)) + bigEndian(sessionTimeoutMs) + bigEndian(Int64(0))
        bytes += bigEndian(Int32(16)) + [UInt8](repeating: 0, count: 16)
        // A server that is cut off from the others may answer: addresses of brokers are worth having even so.
        bytes.append(1)
        return frame(bytes)
    }

    static func request(_ operation: Operation, id: Int32, path: String) -> [UInt8] {
        var bytes = bigEndian(id) + bigEndian(operation.rawValue)
        if operation != .close {
            bytes += bigEndian(Int32(path.utf8.count)) + Array(path.utf8)
            // No watch.
            bytes.append(0)
        }
        return frame(bytes)
    }

    /// Whether a frame is the answer to `connect()`, as nothing but a ZooKeeper gives it.
    static func isSession(_ frame: [UInt8]) -> Bool {
        var reader = JuteReader(frame)
        guard let version = reader.int32(), let timeout = reader.int32(), reader.int64() != nil,
            let password = reader.buffer()
        else { return false }
        return version == 0 && timeout > 0 && password.count == 16 && frame.count <= 37
    }

    /// The answer to a request: who it is for, what went wrong (0 for nothing), and the rest.
    static func answer(_ frame: [UInt8]) -> (id: Int32, error: Int32, body: JuteReader)? {
        var reader = JuteReader(frame)
        guard let id = reader.int32(), reader.int64() != nil, let error = reader.int32() else { return nil }
        return (id, error, reader)
    }

    private static func bigEndian(_ number: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: number.bigEndian) { Array($0) }
    }

    private static func frame(_ body: [UInt8]) -> [UInt8] { bigEndian(Int32(body.count)) + body }

    /// Kafka's ApiVersions request, version 0, which every broker since 0.10 answers.
    static func kafkaVersions(id: Int32) -> [UInt8] {
        frame(bigEndian(Int16(18)) + bigEndian(Int16(0)) + bigEndian(id) + bigEndian(Int16(-1)))
    }

    /// Whether a frame answers that request.
    static func isKafka(_ frame: [UInt8], id: Int32) -> Bool {
        var reader = JuteReader(frame)
        return frame.count >= 10 && reader.int32() == id
    }
}

/// Reads jute's numbers and buffers, never beyond the end.
struct JuteReader {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func int32() -> Int32? { number(Int32.self) }
    mutating func int64() -> Int64? { number(Int64.self) }

    /// Null is empty here.
    mutating func buffer() -> [UInt8]? {
        guard let length = int32() else { return nil }
        guard length > 0 else { return [] }
        guard Int(length) <= bytes.count - position else { return nil }
        defer { position += Int(length) }
        return Array(bytes[position..<position + Int(length)])
    }

    /// A list of strings.
    mutating func strings() -> [String]? {
        guard let count = int32() else { return nil }
        guard count > 0 else { return [] }
        // Each takes at least its length.
        guard Int(count) <= (bytes.count - position) / 4 else { return nil }
        var strings: [String] = []
        for _ in 0..<count {
            guard let text = buffer() else { return nil }
            strings.append(String(decoding: text, as: UTF8.self))
        }
        return strings
    }

    private mutating func number<Value: FixedWidthInteger>(_ type: Value.Type) -> Value? {
        let size = MemoryLayout<Value>.size
        guard bytes.count - position >= size else { return nil }
        var value: Value = 0
        for byte in bytes[position..<position + size] { value = value << 8 | Value(byte) }
        position += size
        return value
    }
}

import KafkaWire
import NIOCore

/// One record of the workload with which a cluster is verified: who wrote it, as which of its records, in which
/// transaction; it says so itself, with a checksum.
struct VerifyRecord: Hashable, Sendable, CustomStringConvertible {
    /// One life of a producer: the next one has another number.
    var producer: Int32
    /// From 0, without gaps.
    var number: Int64
    /// nil outside transactions.
    var transaction: Int64?

    /// Records of one producer have a few keys in turn, so that they go to all partitions.
    private static let keys: Int64 = 16
    /// What a value is filled up to.
    private static let length = 100

    var key: String { "\(producer).\(number % Self.keys)" }

    var value: String {
        let facts = "\(producer) \(number) \(transaction ?? -1)"
        let text = "\(facts) \(Self.checksum(key, facts)) "
        return text + String(repeating: ".", count: max(0, Self.length - text.utf8.count))
    }

    /// nil when the record is none of the workload, or is damaged.
    init?(key: ByteBuffer?, value: ByteBuffer?) {
        guard let key, let value else { return nil }
        let words = value.readableBytesView.split(separator: UInt8(ascii: " ")).map {
            String(decoding: $0, as: UTF8.self)
        }
        guard words.count >= 4, let producer = Int32(words[0]), let number = Int64(words[1]),
            let transaction = Int64(words[2]), let checksum = UInt32(words[3])
        else { return nil }
        self.init(producer: producer, number: number, transaction: transaction < 0 ? nil : transaction)
        let facts = "\(words[0]) \(words[1]) \(words[2])"
        guard String(buffer: key) == self.key, checksum == Self.checksum(self.key, facts) else { return nil }
    }

    init(producer: Int32, number: Int64, transaction: Int64? = nil) {
        self.producer = producer
        self.number = number
        self.transaction = transaction
    }

    var description: String {
        "record \(number) of producer \(producer)" + (transaction.map { " in transaction \($0)" } ?? "")
    }

    private static func checksum(_ key: String, _ facts: String) -> UInt32 {
        "\(key) \(facts)".withBytes { CRC32C.checksum($0) }
    }
}

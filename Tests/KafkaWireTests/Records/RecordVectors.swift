import Foundation
import NIOCore
import Testing

/// Batches, messages and hashes that other implementations made; see `Vectors/records.json`.
struct RecordVectors: Decodable {
    struct Bytes: Decodable, Hashable {
        var bytes: String

        var buffer: ByteBuffer { ByteBuffer(hex: bytes) }
    }

    /// A header is a name and a value, written as a list of the two.
    struct Header: Decodable {
        var key: String
        var value: Bytes?

        init(from decoder: any Decoder) throws {
            var list = try decoder.unkeyedContainer()
            key = try list.decode(String.self)
            value = try list.decodeNil() ? nil : list.decode(Bytes.self)
        }
    }

    struct Record: Decodable {
        var offset: Int64?
        var offsetDelta: Int64?
        var timestamp: Int64?
        var key: Bytes?
        var value: Bytes?
        var headers: [Header]?
    }

    struct Fields: Decodable {
        // Batches
        var baseOffset: Int64?
        var batchLength: Int32?
        var partitionLeaderEpoch: Int32?
        var crc32c: String?
        var attributes: Int16?
        var lastOffsetDelta: Int32?
        var baseTimestamp: Int64?
        var maxTimestamp: Int64?
        var producerId: Int64?
        var producerEpoch: Int16?
        var baseSequence: Int32?
        var records: [Record]?
        // Message sets
        var magic: Int8?
        var messages: [Record]?
        // Hashes
        var data: Bytes?
        var key: Bytes?
        var murmur2_int32: Int32?
        var partition_of_48: Int32?
        var id: String?
        var java_hashCode: Int32?
        var partition_of_50: Int32?
        var partition_of_3: Int32?
    }

    struct Vector: Decodable, CustomTestStringConvertible {
        var name: String
        var kind: String
        var fields: Fields
        var hex: String?
        var compare: String?

        var testDescription: String { name }
        var buffer: ByteBuffer { ByteBuffer(hex: hex ?? "") }
    }

    var vectors: [Vector]

    static func all(_ kind: String) -> [Vector] {
        loaded.vectors.filter { $0.kind == kind }
    }

    private static let loaded: RecordVectors = {
        do {
            guard let url = Bundle.module.url(forResource: "records", withExtension: "json", subdirectory: "Vectors")
            else {
                return RecordVectors(vectors: [])
            }
            return try JSONDecoder().decode(RecordVectors.self, from: Data(contentsOf: url))
        } catch {
            Issue.record(error)
            return RecordVectors(vectors: [])
        }
    }()
}

extension ByteBuffer {
    /// The bytes that `hex` spells, two digits each.
    init(hex: String) {
        self.init()
        let digits = Array(hex.utf8)
        for at in stride(from: 0, to: digits.count - 1, by: 2) {
            guard let byte = UInt8(String(decoding: digits[at...at + 1], as: UTF8.self), radix: 16) else { return }
            writeInteger(byte)
        }
    }

    var hex: String {
        readableBytesView.map { String(format: "%02x", $0) }.joined()
    }
}

/// The same numbers in every run (SplitMix64).
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}

import Foundation
import GenerateMessages
import KafkaMessages
import KafkaWire
import NIOCore
import Testing

/// One message type with its schema.
struct MessageType: Sendable, CustomTestStringConvertible {
    let type: any KafkaMessage.Type
    let schema: Message

    var testDescription: String { schema.body.name }

    var versions: ClosedRange<Int> { schema.versions.lowest...schema.versions.highest }

    /// All messages that the schemas describe.
    static let all: [MessageType] = {
        var types: [String: any KafkaMessage.Type] = [:]
        for apiKey in APIKey.allCases {
            types["\(apiKey.requestType)"] = apiKey.requestType
            types["\(apiKey.responseType)"] = apiKey.responseType
        }
        for type in MetadataRecord.recordTypes { types["\(type)"] = type }
        for type in DataMessages.types { types["\(type)"] = type }
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let folder = Folder(path: root.appendingPathComponent(Generator.schemaFolder).path)
        guard let schemas = try? Generator.parse(try folder.readAll(suffix: ".schema")) else { return [] }
        return schemas.flatMap(\.messages).compactMap { message in
            types.removeValue(forKey: message.body.name).map { MessageType(type: $0, schema: message) }
        }
    }()
}

/// Every message in every version, with random content and with hostile bytes. Seeds are fixed: a failure repeats.
@Suite struct EveryMessageTests {
    @Test func theRegistriesHoldAllMessages() {
        let data = DataMessages.types.count + MetadataRecord.recordTypes.count
        #expect(MessageType.all.count == APIKey.allCases.count * 2 + data)
        #expect(APIKey.allCases.count == 91)
        #expect(MetadataRecord.recordTypes.count == 25)
    }

    @Test(arguments: MessageType.all)
    func factsAreThoseOfTheSchema(message: MessageType) {
        #expect(message.type.validVersions == Int16(message.versions.lowerBound)...Int16(message.versions.upperBound))
        let flexible = message.schema.flexible.map { Int16($0.lowest)...Int16($0.highest) }
        #expect(message.type.flexibleVersions == flexible)
    }

    @Test(arguments: MessageType.all)
    func randomContentSurvivesInEveryVersion(message: MessageType) throws {
        for version in message.versions {
            for seed in 0..<6 as Range<UInt64> {
                let bytes = RandomEncoder.encode(message.schema, version: version, seed: seed)
                let place: Comment = "version \(version), seed \(seed), \(bytes.hex)"
                let value = try message.type.init(decoding: bytes, version: Int16(version))
                let again = try value.encoded(version: Int16(version))
                try #require(again == bytes, place)
                let equal = isEqual(try message.type.init(decoding: again, version: Int16(version)), value)
                #expect(equal, place)
            }
        }
    }

    @Test(arguments: MessageType.all)
    func defaultsCanBeWrittenInEveryVersion(message: MessageType) throws {
        let value = message.type.init()
        for version in message.versions {
            let bytes = try value.encoded(version: Int16(version))
            let equal = isEqual(try message.type.init(decoding: bytes, version: Int16(version)), value)
            #expect(equal, "version \(version)")
        }
    }

    @Test(arguments: MessageType.all)
    func otherVersionsAreRefused(message: MessageType) {
        let name = message.schema.body.name
        for version in [Int16(message.versions.lowerBound - 1), Int16(message.versions.upperBound + 1)] {
            let refusal = WireError.unsupportedVersion(message: name, version: version)
            #expect(throws: refusal) { try message.type.init(decoding: ByteBuffer(), version: version) }
            #expect(throws: refusal) { try message.type.init().encoded(version: version) }
        }
    }

    @Test(arguments: MessageType.all)
    func everyCutIsAnError(message: MessageType) throws {
        for version in message.versions {
            let bytes = RandomEncoder.encode(message.schema, version: version, seed: 7)
            let accepted = try (0..<min(bytes.readableBytes, 600)).filter { length in
                let cut = try #require(bytes.getSlice(at: 0, length: length))
                return (try? message.type.init(decoding: cut, version: Int16(version))) != nil
            }
            #expect(accepted == [], "version \(version)")
        }
    }

    /// Whatever the bytes are: a value or a `WireError`, and no more memory than they justify. The address space of the
    /// process shows a count that was believed, since each would take gigabytes.
    @Test(arguments: MessageType.all)
    func hostileBytesNeverCrash(message: MessageType) {
        let before = peakAddressSpace()
        for version in message.versions {
            let bytes = Array(
                RandomEncoder.encode(message.schema, version: version, seed: 11).readableBytesView.prefix(150)
            )
            var random = SeededGenerator(seed: UInt64(version))
            for offset in bytes.indices {
                for hostile in Self.hostileLengths {
                    decode(
                        message.type,
                        Array(bytes[..<offset]) + hostile + Array(bytes[offset...].dropFirst(4)),
                        version
                    )
                }
            }
            for _ in 0..<60 {
                var mutated = bytes
                for _ in 0..<Int.random(in: 1...4, using: &random) where !mutated.isEmpty {
                    let position = Int.random(in: mutated.indices, using: &random)
                    switch Int.random(in: 0..<3, using: &random) {
                    case 0: mutated[position] = UInt8(truncatingIfNeeded: random.next())
                    case 1: mutated.remove(at: position)
                    default: mutated.insert(UInt8(truncatingIfNeeded: random.next()), at: position)
                    }
                }
                decode(message.type, mutated, version)
            }
        }
        #expect(peakAddressSpace() - before < 2 << 30)
    }

    private static let hostileLengths: [[UInt8]] = [
        [0x7F, 0xFF, 0xFF, 0xFF], [0x80, 0x00, 0x00, 0x00], [0xFF, 0xFF, 0xFF, 0xFE], [0xFF, 0xFF, 0xFF, 0xFF, 0x0F],
        [0xFF, 0xFF, 0xFF, 0xFF, 0x07], [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF],
    ]

    /// A value that can be read can be written; only its version may refuse it.
    private func decode(_ type: any KafkaMessage.Type, _ bytes: [UInt8], _ version: Int) {
        guard let value = try? type.init(decoding: ByteBuffer(bytes: bytes), version: Int16(version)) else { return }
        if (try? value.encoded(version: Int16(version))) == nil {
            Issue.record("version \(version) of \(value) was read but cannot be written")
        }
    }

    /// The largest size that the process's address space had, in bytes.
    private func peakAddressSpace() -> Int {
        guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8),
            let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmPeak:") }),
            let kilobytes = line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap({ Int($0) })
        else { return 0 }
        return kilobytes * 1024
    }

    /// Structures cannot hold themselves, so no input nests deeper than this.
    @Test func nestingIsBoundedByTheSchemas() {
        func depth(_ structure: Structure, in message: Message) -> Int {
            let inner = structure.fields.compactMap { field in
                message.structures.first { $0.name == field.type.structureName }
            }
            return 1 + (inner.map { depth($0, in: message) }.max() ?? 0)
        }
        #expect(MessageType.all.map { depth($0.schema.body, in: $0.schema) }.max() == 5)
    }
}

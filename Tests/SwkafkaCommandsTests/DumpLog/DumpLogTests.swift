import Foundation
import KafkaMessages
import KafkaTestSupport
import KafkaWire
import NIOCore
import Testing

@testable import SwkafkaCommands

/// What the recorded transcripts do not show.
@Suite(.timeLimit(.minutes(2))) struct DumpLogTests {
    private func dump(_ words: String..., file: String, _ bytes: [UInt8]) async throws -> Transcript {
        try await withTemporaryDirectory { folder in
            try Data(bytes).write(to: URL(fileURLWithPath: "\(folder)/\(file)"))
            var result = await transcript(["dump-log", "--files", "\(folder)/\(file)"] + words)
            result.output = result.output.replacing(folder + "/", with: "")
            result.errors = result.errors.replacing(folder + "/", with: "")
            return result
        }
    }

    private func batch(_ records: [(key: [UInt8]?, value: [UInt8]?)], from offset: Int64 = 0) throws -> [UInt8] {
        var builder = RecordBatchBuilder()
        for record in records {
            let isIn = withBytes(record.key) { key in
                withBytes(record.value) { builder.append(key: key, value: $0, timestampMs: 7) }
            }
            #expect(isIn)
        }
        var bytes = try builder.finish()
        bytes.setInteger(offset, at: 0)
        return Array(bytes.readableBytesView)
    }

    private func withBytes(_ bytes: [UInt8]?, _ body: (UnsafeRawBufferPointer?) -> Bool) -> Bool {
        guard let bytes else { return body(nil) }
        return bytes.withUnsafeBytes { body($0) }
    }

    @Test func wrongOptions() async {
        for words in [
            [], ["--files", ","], ["--files", "a.log", "--max-bytes", "-1"], ["--files", "a.log", "--max-bytes", "x"],
            ["--files", "a.log", "--value-decoder-class", "org.apache.kafka.tools.api.NoDecoder"],
            ["--files", "a.log", "--remote-log-metadata-decoder"],
        ] {
            let result = await transcript(["dump-log"] + words)
            #expect(result.status == 2, "\(words)")
            #expect(result.output.isEmpty)
        }
    }

    @Test func gapsAreToldOnStandardError() async throws {
        let bytes = try batch([(nil, [1]), (nil, [2])]) + batch([(nil, [3])], from: 9)
        let result = try await dump("--deep-iteration", file: "00000000000000000000.log", bytes)
        #expect(result.status == 0)
        #expect(result.errors == "Non-consecutive offsets in 00000000000000000000.log\n  1 is followed by 9\n")
    }

    @Test func numbersAndBytes() async throws {
        let bytes = try batch([([0, 0, 0, 5], [0, 0, 0, 0, 0, 0, 0, 9])])
        let numbers = try await dump(
            "--key-decoder-class",
            "IntegerDecoder",
            "--value-decoder-class",
            "kafka.serializer.LongDecoder",
            file: "00000000000000000000.log",
            bytes
        )
        #expect(numbers.output.hasSuffix(" key: 5 payload: 9\n"))
        let raw = try await dump("--value-decoder-class", "DefaultDecoder", file: "00000000000000000000.log", bytes)
        #expect(raw.output.hasSuffix(#" payload: \x00\x00\x00\x00\x00\x00\x00\x09"# + "\n"))
        let short = try await dump("--key-decoder-class", "LongDecoder", file: "00000000000000000000.log", bytes)
        #expect(short.status == 1)
        #expect(short.errors.contains("LongDecoder cannot read a record"))
    }

    @Test func withoutMetadata() async throws {
        let bytes = try batch([(nil, Array("x".utf8)), (Array("k".utf8), nil)])
        let result = try await dump(
            "--print-data-log",
            "--skip-record-metadata",
            file: "00000000000000000003.log",
            bytes
        )
        #expect(result.output.hasPrefix("Dumping 00000000000000000003.log\nLog starting offset: 3\nbaseOffset: 0 "))
        #expect(result.output.hasSuffix("isvalid: true\n payload: x\n| key: k\n"))
    }

    @Test func stateOfShareGroups() async throws {
        var key = WireWriter()
        key.writeInt16(1)
        try ShareUpdateKey(groupId: "g", topicId: .one, partition: 2).write(to: &key, version: 1)
        let value = try ShareUpdateValue(snapshotEpoch: 1, startOffset: 5).versioned(0)
        let bytes = try batch([(Array(key.finish().flattened().readableBytesView), Array(value.readableBytesView))])
        let result = try await dump("--share-group-state-decoder", file: "00000000000000000000.log", bytes)
        #expect(
            result.output.hasSuffix(
                " key: {\"type\":\"1\",\"data\":{\"groupId\":\"g\",\"topicId\":\"AAAAAAAAAAAAAAAAAAAAAQ\",\"partition\":2}}"
                    + " payload: {\"version\":\"0\",\"data\":{\"snapshotEpoch\":1,\"leaderEpoch\":0,\"startOffset\":5,"
                    + "\"stateBatches\":[]}}\n"
            )
        )
    }

    @Test(arguments: ["--offsets-decoder", "--transaction-log-decoder", "--cluster-metadata-decoder"])
    func recordsOfOtherKinds(_ decoder: String) async throws {
        let unknown = try batch([([0x7f, 0xff], [1])])
        let result = try await dump(decoder, file: "00000000000000000000.log", unknown)
        #expect(result.status == 0)
        switch decoder {
        case "--offsets-decoder":
            #expect(result.output.contains(" key: Unknown record type 32767 at offset 0, skipping.\n"))
        case "--transaction-log-decoder": #expect(result.output.contains(" key: unknown::version=32767\n"))
        default: #expect(result.output.contains(" payload: Error at 0, skipping. "))
        }
    }

    @Test func messagesOfOldFormats() async throws {
        // Magic 1: offset, size, checksum, magic, attributes, timestamp, null key, value "v".
        let body: [UInt8] = [1, 0] + [0, 0, 0, 0, 0, 0, 0, 9] + [0xff, 0xff, 0xff, 0xff] + [0, 0, 0, 1, 0x76]
        let crc = crc32(body)
        var bytes: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, UInt8(body.count + 4)]
        bytes += withUnsafeBytes(of: crc.bigEndian, Array.init) + body
        let result = try await dump("--print-data-log", file: "00000000000000000000.log", bytes)
        #expect(
            result.output == """
                Dumping 00000000000000000000.log
                Log starting offset: 0
                offset: 4 position: 0 CreateTime: 9 size: 35 magic: 1 compresscodec: none crc: \(crc) isvalid: true
                | offset: 4 CreateTime: 9 keySize: -1 valueSize: 1 isValid: true crc: \(crc)} payload: v

                """
        )
    }

    private func crc32(_ bytes: [UInt8]) -> UInt32 {
        var crc: UInt32 = 0xffff_ffff
        for byte in bytes {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xedb8_8320 : crc >> 1 }
        }
        return ~crc
    }

    @Test func indexesThatDoNotFit() async throws {
        try await KafkaDirectory.with { directory in
            let folder = directory.path + "/smallseg-0/"
            try directory.change("smallseg-0/00000000000000000000.index") { $0[3] = 13 }
            let offsets = await transcript(["dump-log", "--files", folder + "00000000000000000000.index"])
            #expect(offsets.status == 0)
            #expect(
                offsets.errors == "Mismatches in :\(folder)00000000000000000000.index\n"
                    + "  Index offset: 13, log offset: 11\n"
            )
            try directory.change("smallseg-0/00000000000000000000.timeindex") { $0[7] ^= 1 }
            let times = await transcript(["dump-log", "--files", folder + "00000000000000000000.timeindex"])
            #expect(times.errors.hasPrefix("Found timestamp mismatch in :\(folder)00000000000000000000.timeindex\n"))
            try directory.change("smallseg-0/00000000000000000020.timeindex") { $0[11] = 12 }
            let missing = await transcript(["dump-log", "--files", folder + "00000000000000000020.timeindex"])
            #expect(missing.errors.hasPrefix("The following indexed offsets are not found in the log.\n"))
            try directory.change("smallseg-0/00000000000000000020.index") { $0.append(0) }
            let words = ["--index-sanity-check", "--files", folder + "00000000000000000020.index"]
            let insane = await transcript(["dump-log"] + words)
            #expect(insane.status == 1)
            try directory.change("smallseg-0/00000000000000000020.index") { $0[7] = 1 }
            let nowhere = await transcript(["dump-log", "--files", folder + "00000000000000000020.index"])
            #expect(nowhere.status == 1)
            #expect(nowhere.errors.contains("names byte"))
        }
    }

    @Test func damagedSnapshotsAndNames() async throws {
        let snapshot = try await dump(file: "00000000000000000005.snapshot", [0, 1, 0, 0, 0, 0, 0, 0, 0, 1])
        #expect(snapshot.status == 0)
        #expect(snapshot.errors == "Snapshot 00000000000000000005.snapshot is damaged: its checksum does not match.\n")
        #expect(try await dump(file: "xyz.log", []).status == 1)
        #expect(try await dump(file: "xyz.checkpoint", []).status == 1)
        let other = try await dump(file: "xyz.txt", [])
        #expect(other.status == 0)
        #expect(other.errors == "Ignoring unknown file xyz.txt\n")
        let metadata = try await dump(file: "00000000000000000571-0000000001.checkpoint", [])
        #expect(metadata.output.hasSuffix("Snapshot end offset: 571, epoch: 1\n"))
    }
}

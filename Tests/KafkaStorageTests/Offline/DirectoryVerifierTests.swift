import Foundation
import KafkaStorage
import KafkaTestSupport
import KafkaWire
import NIOCore
import Testing

/// `log verify` below the command: what it finds, where, and what it leaves in peace.
@Suite(.timeLimit(.minutes(2))) struct DirectoryVerifierTests {
    private func verify(_ path: String, _ fileSystem: any FileSystem = PosixFileSystem()) throws -> VerificationReport {
        try DirectoryVerifier(path: path, fileSystem: fileSystem).run()
    }

    @Test func aDirectoryOfApacheKafkaIsClean() async throws {
        try await KafkaDirectory.with { directory in
            let report = try verify(directory.path)
            #expect(report.isClean)
            #expect(report.findings == [])
            #expect(report.partitions == 109)
            #expect(report.records > 700)
            for folder in ["smallseg-0", "compacted-0", "txt-0", "txt-1", "trimmed-0", "__cluster_metadata-0"] {
                let alone = try verify("\(directory.path)/\(folder)/")
                #expect(alone.findings == [], "\(folder)")
                #expect(alone.partitions == 1)
            }
            for file in [
                "smallseg-0/00000000000000000020.log", "smallseg-0/00000000000000000020.index", "bootstrap.checkpoint",
                "meta.properties", "txt-0/00000000000000000007.snapshot", "mixed-0/leader-epoch-checkpoint",
            ] {
                #expect(try verify("\(directory.path)/\(file)").findings == [], "\(file)")
            }
        }
    }

    @Test func whatIsNoDirectoryOfLogs() async throws {
        try await withTemporaryDirectory { folder in
            #expect(throws: StorageError.self) { try verify(folder) }
            #expect(throws: StorageError.self) { try verify(folder + "/none") }
            try Data().write(to: URL(fileURLWithPath: folder + "/some.txt"))
            #expect(throws: StorageError.self) { try verify(folder + "/some.txt") }
        }
    }

    @Test func everyFlippedByteOfASegmentIsFound() throws {
        let fileSystem = try fixtureFileSystem("smallseg-0")
        let path = "/data/smallseg-0/00000000000000000000.log"
        let bytes = try #require(fileSystem.content(of: path))
        #expect(try verify("/data/smallseg-0", fileSystem).findings == [])
        for index in bytes.indices {
            var damaged = bytes
            damaged[index] ^= 1 << (index % 8)
            fileSystem.setContent(of: path, damaged)
            let report = try verify("/data/smallseg-0", fileSystem)
            #expect(!report.isClean, "byte \(index)")
            // Each batch of the fixture has 384 bytes.
            let batch = Int64(index / 384 * 384)
            let isNamed = report.findings.contains { finding in
                finding.path == path && (finding.position.map { abs($0 - batch) <= 384 } ?? false)
            }
            #expect(isNamed || index % 384 < 8, "byte \(index): \(report.findings)")
        }
    }

    @Test func everyLengthOfASegmentIsFound() throws {
        let fileSystem = try fixtureFileSystem("smallseg-0")
        let path = "/data/smallseg-0/00000000000000000000.log"
        let bytes = try #require(fileSystem.content(of: path))
        for length in stride(from: 0, to: bytes.count, by: 7) {
            fileSystem.setContent(of: path, Array(bytes.prefix(length)))
            #expect(try !verify("/data/smallseg-0", fileSystem).isClean, "\(length) bytes")
        }
    }

    /// One fault in a small directory, and how it must be named.
    struct Fault: Sendable, CustomTestStringConvertible {
        var file: String
        var kind: Finding.Kind
        var position: Int64?
        var offset: Int64?
        var change: @Sendable (inout Data) -> Void
        var testDescription: String { "\(file) \(kind) \(position ?? -1)" }
    }

    static let faults: [Fault] = [
        Fault(file: "mixed-0/00000000000000000000.log", kind: .checksum, position: 274, offset: 5) { $0[400] ^= 4 },
        Fault(file: "mixed-0/00000000000000000000.log", kind: .batch, position: 604, offset: 10) { $0[604 + 16] = 9 },
        Fault(file: "mixed-0/00000000000000000000.log", kind: .batch, position: 604, offset: 10) { $0[604 + 9] = 9 },
        Fault(file: "mixed-0/00000000000000000000.log", kind: .batch, position: 2087, offset: 50) { $0.removeLast(5) },
        Fault(file: "mixed-0/00000000000000000000.log", kind: .offsets, position: 274, offset: 4) { $0[274 + 7] = 4 },
        Fault(file: "mixed-0/00000000000000000000.log", kind: .epoch, position: 0, offset: 0) { $0[15] = 7 },
        Fault(file: "mixed-0/leader-epoch-checkpoint", kind: .epoch, position: nil, offset: nil) { $0[0] = 0x37 },
        Fault(file: "smallseg-0/00000000000000000000.index", kind: .offsetIndex, position: 8, offset: 19) {
            $0[15] ^= 1
        },
        Fault(file: "smallseg-0/00000000000000000000.index", kind: .offsetIndex, position: 0, offset: 10) {
            $0[3] = 10
        },
        Fault(file: "smallseg-0/00000000000000000000.index", kind: .offsetIndex, position: 16, offset: nil) {
            $0.append(1)
        },
        Fault(file: "smallseg-0/00000000000000000020.timeindex", kind: .timeIndex, position: 0, offset: 31) {
            $0[7] ^= 2
        },
        Fault(file: "smallseg-0/00000000000000000020.timeindex", kind: .timeIndex, position: 12, offset: nil) {
            $0.removeLast(12)
        },
        Fault(file: "txt-0/00000000000000000001.txnindex", kind: .transactionIndex, position: 0, offset: 6) {
            $0[17] = 3
        },
        Fault(file: "txt-0/00000000000000000001.txnindex", kind: .transactionIndex, position: 0, offset: 6) {
            $0.removeAll()
        },
        Fault(file: "txt-0/00000000000000000007.snapshot", kind: .snapshot, position: nil, offset: 7) { $0[20] ^= 1 },
        Fault(file: "recovery-point-offset-checkpoint", kind: .checkpoint, position: nil, offset: nil) { $0[0] = 0x31 },
        Fault(file: "meta.properties", kind: .file, position: nil, offset: nil) { $0 = Data("version=9\n".utf8) },
        Fault(file: "mixed-1/partition.metadata", kind: .file, position: nil, offset: nil) { $0.removeLast(3) },
        Fault(file: "__cluster_metadata-0/quorum-state", kind: .file, position: nil, offset: nil) { $0.removeLast(3) },
        Fault(file: "bootstrap.checkpoint", kind: .checksum, position: 83, offset: nil) { $0[150] ^= 1 },
        Fault(file: "bootstrap.checkpoint", kind: .snapshot, position: 201, offset: nil) { $0 = $0.prefix(201) },
    ]

    @Test(arguments: faults) func eachFaultIsNamed(_ fault: Fault) async throws {
        try await KafkaDirectory.with { directory in
            try directory.change(fault.file, fault.change)
            let report = try verify(directory.path)
            let found = report.findings.filter(\.isFault)
            let isNamed = found.contains {
                $0.path == "\(directory.path)/\(fault.file)" && $0.kind == fault.kind && $0.position == fault.position
                    && (fault.offset == nil || $0.offset == fault.offset)
            }
            #expect(isNamed, "\(found)")
        }
    }

    @Test func snapshotsThatTellSomethingElse() async throws {
        try await KafkaDirectory.with { directory in
            try FileManager.default.removeItem(atPath: "\(directory.path)/txt-0/00000000000000000007.snapshot")
            try FileManager.default.copyItem(
                atPath: "\(directory.path)/txt-1/00000000000000000005.snapshot",
                toPath: "\(directory.path)/txt-0/00000000000000000007.snapshot"
            )
            let report = try verify("\(directory.path)/txt-0")
            #expect(report.findings.contains { $0.kind == .snapshot && $0.position == 10 })
        }
    }

    @Test func leftoversAreNoted() async throws {
        try await KafkaDirectory.with { directory in
            let folder = directory.path + "/mixed-0/"
            for name in ["00000000000000000000.log.deleted", "00000000000000000000.log.cleaned", "x.tmp", "stray"] {
                try Data("noise".utf8).write(to: URL(fileURLWithPath: folder + name))
            }
            let id = String(repeating: "a", count: 32)
            try FileManager.default.createDirectory(
                atPath: directory.path + "/gone-0.\(id)-delete",
                withIntermediateDirectories: false
            )
            let report = try verify(directory.path)
            #expect(report.isClean)
            #expect(report.findings.count == 5)
        }
    }

    @Test func besideABroker() async throws {
        try await KafkaDirectory.with { directory in
            let broker = try LogDirectory.open(path: directory.path, nodeID: nil, clusterID: nil)
            try directory.change("mixed-0/00000000000000000000.log") { $0 += $0.prefix(50) }
            let before = try FileManager.default.subpathsOfDirectory(atPath: directory.path).sorted()
            let report = try verify(directory.path)
            #expect(report.isClean)
            #expect(report.findings.map(\.message).contains { $0.contains("are being written") })
            #expect(try FileManager.default.subpathsOfDirectory(atPath: directory.path).sorted() == before)
            broker.releaseLock()
            #expect(try !verify(directory.path).isClean)
        }
    }

    @Test func whatTheBrokerWritesIsClean() throws {
        let fileSystem = FaultyFileSystem()
        let log = try openLog(fileSystem)
        for round in 0..<40 {
            try log.appendClient(
                try makeBatch(
                    count: 3,
                    valueSize: 300,
                    timestampMs: baseTime + Int64(round),
                    producerId: 5,
                    epoch: 0,
                    sequence: Int32(round * 3),
                    isTransactional: round % 4 < 2
                )
            )
            if round % 4 == 1 {
                let marker = try makeMarker(isCommit: round % 8 == 1, producerId: 5, epoch: 0)
                _ = try log.append(marker, leaderEpoch: 0, origin: .coordinator, nowMs: baseTime)
            }
        }
        try log.close(clean: true)
        let report = try verify(testDirectory, fileSystem)
        #expect(report.findings == [])
        #expect(report.records == 130)
    }
}

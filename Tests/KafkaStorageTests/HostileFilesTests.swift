import KafkaStorage
import KafkaTestSupport
import KafkaWire
import NIOCore
import Testing

/// Files of a data directory that say the greatest numbers there are: refused or passed over, never counted on from.
@Suite struct HostileFilesTests {
    private static let greatest = "\(Int64.max)"

    private func directory(_ change: (FaultyFileSystem) -> Void) throws -> PartitionLog {
        let fileSystem = try fixtureFileSystem("smallseg-0")
        fileSystem.setContent(
            of: "/data/meta.properties",
            Array("version=1\ncluster.id=c\nnode.id=1\n".utf8)
        )
        change(fileSystem)
        let directory = try LogDirectory.open(path: "/data", nodeID: 1, clusterID: nil, fileSystem: fileSystem)
        return try directory.openLog(
            TopicPartition(topic: "smallseg", partition: 0),
            config: LogConfig(),
            nowMs: baseTime
        )
    }

    @Test(arguments: [OffsetCheckpoint.recoveryPoint, OffsetCheckpoint.logStart, OffsetCheckpoint.highWatermark])
    func checkpoints(_ name: String) throws {
        for offset in [Self.greatest, "9223372036854775806", "-1", "\(Int64.min)"] {
            let log = try directory { fileSystem in
                fileSystem.setContent(of: "/data/\(name)", Array("0\n1\nsmallseg 0 \(offset)\n".utf8))
            }
            #expect(log.logEndOffset == 60)
            try log.appendClient(try makeBatch(count: 2))
            #expect(log.logEndOffset == 62)
        }
    }

    @Test func epochs() throws {
        for entry in ["\(Int32.max) \(Self.greatest)", "0 \(Self.greatest)", "-1 0", "\(Int32.max) 0"] {
            let log = try directory { fileSystem in
                fileSystem.setContent(
                    of: "/data/smallseg-0/leader-epoch-checkpoint",
                    Array("0\n1\n\(entry)\n".utf8)
                )
            }
            try log.appendClient(try makeBatch(count: 2))
            #expect(log.logEndOffset == 62)
        }
    }

    @Test func namesAndSnapshots() throws {
        let log = try directory { fileSystem in
            for name in ["\(Self.greatest)", "9223372036854775806"] {
                let digits = String(repeating: "0", count: 20 - name.count) + name
                for suffix in [".log", ".index", ".timeindex", ".snapshot"] {
                    fileSystem.setContent(of: "/data/smallseg-0/\(digits)\(suffix)", [])
                }
            }
        }
        try log.appendClient(try makeBatch(count: 2))
        #expect(log.logEndOffset == 62)
    }

    @Test func batches() throws {
        for offset in [Int64.max, .max - 1, .max - 10, .min, -1] {
            let log = try directory { fileSystem in
                var bytes = ByteBuffer(bytes: fileSystem.content(of: "/data/smallseg-0/00000000000000000040.log") ?? [])
                bytes.setInteger(offset, at: 0)
                fileSystem.setContent(
                    of: "/data/smallseg-0/00000000000000000040.log",
                    Array(bytes.readableBytesView)
                )
            }
            #expect(log.logEndOffset == 40)
            try log.appendClient(try makeBatch(count: 2))
            #expect(log.logEndOffset == 42)
        }
    }
}

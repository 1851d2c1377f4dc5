import Foundation
import KafkaClient
import KafkaStorage
import KafkaWire
import Testing

@testable import SwkafkaCommands

@Suite struct MetadataQuorumTests {
    private static let output: MetadataQuorumOutput? = {
        guard let first = KafkaUUID(base64: "4LDiXGDOL8Sie29mxFUYZA"),
            let second = KafkaUUID(base64: "PnkDEweIBkM68H0TSTcP5Q")
        else { return nil }
        let replica = { (id: Int32, directory: KafkaUUID, end: Int64, fetch: Int64, caughtUp: Int64) in
            QuorumReplica(
                id: id,
                directoryID: directory,
                logEndOffset: end,
                lastFetchMs: fetch,
                lastCaughtUpMs: caughtUp
            )
        }
        let quorum = QuorumDescription(
            leaderID: 1,
            leaderEpoch: 1,
            highWatermark: 147,
            voters: [replica(1, .zero, 147, 1_795_466_423_382, 1_795_466_423_382)],
            observers: [
                replica(1001, first, 147, 1_795_466_423_179, 1_795_466_423_179),
                replica(1002, second, 30, 1_795_466_394_601, 1_795_466_394_109),
            ],
            endpoints: [1: ["CONTROLLER://h:1"]]
        )
        return MetadataQuorumOutput(quorum: quorum, clusterID: "3Db5QLSqSZieL3rJBUUegA", nowMs: 1_795_466_423_400)
    }()

    @Test func showsTheStatus() throws {
        let expected = """
            ClusterId:              3Db5QLSqSZieL3rJBUUegA
            LeaderId:               1
            LeaderEpoch:            1
            HighWatermark:          147
            MaxFollowerLag:         0
            MaxFollowerLagTimeMs:   0
            CurrentVoters:          [{"id": 1, "directoryId": null, "endpoints": ["CONTROLLER://h:1"]}]
            CurrentObservers:       [{"id": 1001, "directoryId": "4LDiXGDOL8Sie29mxFUYZA"}, \
            {"id": 1002, "directoryId": "PnkDEweIBkM68H0TSTcP5Q"}]

            """
        #expect(try #require(Self.output).statusText == expected)
    }

    @Test func showsHowFarEverybodyIs() throws {
        let expected =
            "NodeId\tDirectoryId           \tLogEndOffset\tLag\tLastFetchTimestamp\tLastCaughtUpTimestamp\tStatus  \t\n"
            + "1     \tAAAAAAAAAAAAAAAAAAAAAA\t147         \t0  \t1795466423382     \t1795466423382        \tLeader  \t\n"
            + "1001  \t4LDiXGDOL8Sie29mxFUYZA\t147         \t0  \t1795466423179     \t1795466423179        \tObserver\t\n"
            + "1002  \tPnkDEweIBkM68H0TSTcP5Q\t30          \t117\t1795466394601     \t1795466394109        \tObserver\t\n"
        let output = try #require(Self.output)
        #expect(output.replicationText(humanReadable: false) == expected)
        #expect(
            output.replicationText(humanReadable: true).contains("\t18 ms ago         \t18 ms ago            \tLeader")
        )
        let json = JSONText.pretty(output.value)
        #expect(json.contains("\"role\": \"observer\"") && json.contains("\"lag\": 117"))
    }

    /// What varies from run to run becomes the same.
    private static func steady(_ text: String) -> String {
        text.replacing(#/, "endpoints": \[[^\]]*\]/#, with: "")
            .replacing(#/[A-Za-z0-9_-]{22}/#, with: "ID")
            .replacing(#/[0-9]+/#, with: "N")
            .replacing(#/ +/#, with: " ")
    }

    /// The recorded command lines of Kafka's own script.
    @Test func everyRecordedCommandLine() async throws {
        let cases = try GoldenCase.all("metadata-quorum")
        #expect(cases.count == 9)
        let usageErrors: Set<String> = ["describe-none", "status-human", "both"]
        try await CommandBench.with { bench in
            for item in cases where item.id != "status-controller" {
                let nowMs = Int64(Date().timeIntervalSince1970 * 1000)
                let result = await item.run("metadata-quorum", against: bench.address, nowMs: nowMs)
                #expect(result.status == (usageErrors.contains(item.id) ? 2 : item.exit), "\(item.id): \(result)")
                #expect(Self.steady(result.output) == Self.steady(item.stdout), "\(item.id)")
                guard let line = item.stderr.split(separator: "\n").first else { continue }
                // A Java exception's message stands behind its name.
                let message = line.split(separator: "Exception: ").last.map(String.init) ?? ""
                #expect(result.errors.contains(message), "\(item.id): \(result.errors)")
            }
        }
    }

    /// What was recorded of a controller's own port.
    @Test(arguments: [("cluster", "cluster-id-controller"), ("metadata-quorum", "status-controller")])
    func controllersOfTheirOwn(script: String, id: String) async throws {
        let item = try #require(try GoldenCase.all(script).first { $0.id == id })
        try await ClusterBench.with([]) { bench in
            let words = item.argv.map { $0.replacingOccurrences(of: "CONTROLLER", with: bench.controller) }
            let result = await transcript([script] + words)
            #expect(result.status == item.exit, "\(result)")
            #expect(Self.steady(result.output) == Self.steady(item.stdout), "\(result)")
        }
    }

    @Test func describesAControllerThatIsToBeAdded() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("swkafka-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let directoryID = try #require(KafkaUUID(base64: "4LDiXGDOL8Sie29mxFUYZA"))
        let identity = MetaProperties(clusterID: "c", nodeID: 4, directoryID: directoryID)
        try Data(identity.encode()).write(to: folder.appendingPathComponent("meta.properties"))
        let file = folder.appendingPathComponent("controller.properties").path
        func add(_ lines: [String]) async throws -> Transcript {
            try lines.joined(separator: "\n").write(toFile: file, atomically: true, encoding: .utf8)
            return await transcript([
                "metadata-quorum", "--command-config", file, "--bootstrap-server", "127.0.0.1:1", "add-controller",
                "--dry-run",
            ])
        }
        let good = [
            "node.id=4", "process.roles=controller", "log.dirs=\(folder.path)", "controller.listener.names=CONTROLLER",
            "listeners=CONTROLLER://h:9093,PLAINTEXT://h:9092",
        ]
        #expect(
            try await add(good)
                == Transcript(
                    status: 0,
                    output: "DRY RUN of adding controller 4 with directory id 4LDiXGDOL8Sie29mxFUYZA and endpoints: "
                        + "CONTROLLER://h:9093\n",
                    errors: ""
                )
        )
        for missing in good.indices {
            var lines = good
            lines.remove(at: missing)
            #expect(try await add(lines).status == 1, "without \(good[missing])")
        }
    }
}

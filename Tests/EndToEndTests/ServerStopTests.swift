import Foundation
import KafkaTestSupport
import Testing

@Suite("server-stop", .timeLimit(.minutes(1)))
struct ServerStopTests {
    /// The node id is this test's own, so that brokers of other tests live on.
    @Test func stopsTheBrokerWithItsID() async throws {
        try await withTemporaryDirectory { folder in
            let id = "\(Int32.random(in: 1_000_000...2_000_000_000))"
            let file = folder + "/s.properties"
            let text =
                "process.roles=broker,controller\nnode.id=\(id)\nlisteners=PLAINTEXT://127.0.0.1:0\n"
                + "log.dirs=\(folder)/data\n"
            try Data(text.utf8).write(to: URL(fileURLWithPath: file))
            try await ManagedProcess.with(Swkafka.path, ["server-start", file]) { broker in
                _ = try await broker.line(containing: "is ready on")
                let others = try await Swkafka.run("server-stop", "--node-id", "2100000000")
                #expect(others.status == 1)
                #expect(others.errors == "No kafka server of this kind to stop\n")
                let stopped = try await Swkafka.run("server-stop", "--node-id", id)
                #expect(stopped.status == 0, "\(stopped)")
                #expect(await broker.status() == 0)
                let again = try await Swkafka.run("server-stop", "--node-id", id)
                #expect(again.status == 1)
            }
        }
    }
}

import Foundation
import KafkaTestSupport
import Testing

/// `--zookeeper` against Debian's ZooKeeper, where it is installed (`make test-zookeeper`); SwkafkaCommandsTests do the
/// same against what one was recorded to say.
@Suite("A real ZooKeeper", .timeLimit(.minutes(3)), .enabled(if: DebianZooKeeper.isInstalled))
struct ZooKeeperTests {
    private func withZooKeeper(_ body: @Sendable (_ port: Int) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("swkafka-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        // It takes no port 0, and reuses a port that is held without listening.
        let port = try PortReservation()
        let settings = """
            tickTime=2000
            dataDir=\(folder.path)
            clientPort=\(port.port)
            clientPortAddress=127.0.0.1
            admin.enableServer=false

            """
        try Data(settings.utf8).write(to: folder.appendingPathComponent("zoo.cfg"))
        let words = [
            "-Xmx64m", "-cp", DebianZooKeeper.jars.joined(separator: ":"),
            "org.apache.zookeeper.server.ZooKeeperServerMain",
            folder.appendingPathComponent("zoo.cfg").path,
        ]
        try await ManagedProcess.with("/usr/bin/java", words) { _ in try await body(port.port) }
    }

    @Test(arguments: ["", "/kafka/one"])
    func namesTheBrokers(chroot: String) async throws {
        try await BrokerProcess.with { broker in
            _ = try await broker.swkafka("topics", "--create", "--topic", "my_topic")
            _ = try await broker.swkafka("console-producer", "--topic", "my_topic", input: "hello\n")
            try await withZooKeeper { port in
                let registration =
                    #"{"listener_security_protocol_map":{"IN":"SSL","OUT":"PLAINTEXT"},"endpoints":["IN://x:1","#
                    + #""OUT://\#(broker.address)"],"jmx_port":-1,"host":null,"port":-1,"version":5}"#
                let register = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
                    .appendingPathComponent("Clients/zookeeper_register.py").path
                let registered = try await run(
                    "/usr/bin/env",
                    ["python3", register, String(port), chroot, registration]
                )
                #expect(registered.text == "registered\n", "\(registered)")
                let zookeeper = "127.0.0.1:\(port)\(chroot)"
                let read = try await Swkafka.run([
                    "console-consumer", "--topic", "my_topic", "--zookeeper", zookeeper, "--from-beginning",
                    "--max-messages", "1",
                ])
                #expect(read.status == 0 && read.text == "hello\n", "\(read)")
                #expect(read.errors.contains("the brokers registered there are \(broker.address)"), "\(read)")
                let described = try await Swkafka.run([
                    "topics", "--describe", "my_topic", "--zookeeper", zookeeper,
                ])
                #expect(described.status == 0 && described.text.hasPrefix("Topic: my_topic\t"), "\(described)")
                let elsewhere = try await Swkafka.run(["topics", "--list", "--zookeeper", zookeeper + "/no"])
                #expect(elsewhere.status == 1 && elsewhere.errors.contains("there is no"), "\(elsewhere)")
            }
        }
    }
}

/// The server that `Scripts/install-packages zookeeper` installs.
private enum DebianZooKeeper {
    static let jars = [
        "zookeeper", "zookeeper-jute", "slf4j-api", "slf4j-simple", "netty-all", "metrics-core", "snappy-java",
        "commons-io",
    ].map { "/usr/share/java/\($0).jar" }

    static let isInstalled =
        (jars + ["/usr/bin/java"]).allSatisfy { FileManager.default.fileExists(atPath: $0) }
}

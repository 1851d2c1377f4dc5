import Glibc
import KafkaMessages
import KafkaStorage
import KafkaTestSupport
import KafkaTransport
import NIOCore
import Synchronization
import Testing

@testable import KafkaBroker

/// `flush.messages=1`, which `--fsync always` sets for all topics: acknowledged is what is on the disk.
@Suite struct GroupCommitTests {
    /// A disk on which the synchronising of log files waits until it is let through.
    private final class Gate: Sendable {
        private let isOpen = Atomic(true)
        let count = Atomic(0)

        func close() { isOpen.store(false, ordering: .sequentiallyConsistent) }
        func open() { isOpen.store(true, ordering: .sequentiallyConsistent) }

        /// For a thread that may block.
        func pass() {
            count.add(1, ordering: .sequentiallyConsistent)
            while !isOpen.load(ordering: .sequentiallyConsistent) { usleep(200) }
        }
    }

    private static let properties = ["log.flush.interval.messages": "1"]

    @Test(arguments: [1, -1] as [Int16])
    func oneFsyncAnswersAllThatWait(acks: Int16) async throws {
        let disk = FaultyFileSystem()
        let gate = Gate()
        let environment = BrokerEnvironment(fileSystem: disk)
        try await withBroker(Self.properties, directory: "/data", environment: environment) { client in
            try await client.create("t")
            disk.setRule { operation, path in
                if operation == .synchronize, path == "/data/t-0/00000000000000000000.log" { gate.pass() }
                return nil
            }
            gate.close()
            let connections = try await Array(0..<20).asyncMap { _ in try await connect(client.address) }
            try await withThrowingTaskGroup(of: ErrorCode.self) { group in
                let first = try batch(["first"])
                group.addTask { try await client.produce("t", first, acks: acks).errorCode }
                while gate.count.load(ordering: .sequentiallyConsistent) == 0 {
                    try await Task.sleep(for: .milliseconds(1))
                }
                // While the first batch is on its way to the disk, twenty more are appended.
                for connection in connections {
                    let other = TestClient(address: client.address, connection: connection)
                    let batch = try batch(["more"])
                    group.addTask { try await other.produce("t", batch, acks: acks).errorCode }
                }
                let log = "/data/t-0/00000000000000000000.log"
                let bytes = first.readableBytes + 20 * (try batch(["more"]).readableBytes)
                while disk.content(of: log)?.count ?? 0 < bytes { try await Task.sleep(for: .milliseconds(1)) }
                // Nobody may see what is not safe. A connection of its own, as answers come in the order of requests.
                let reader = TestClient(address: client.address, connection: try await connect(client.address))
                #expect(try await reader.fetch("t", from: 0).highWatermark == 0)
                await reader.connection.closeAndWait()
                gate.open()
                for try await code in group { #expect(code == .none) }
            }
            // One for the first, one for all others; a third where an append came after the second had begun.
            #expect(gate.count.load(ordering: .sequentiallyConsistent) <= 3)
            #expect(try await client.fetch("t", from: 0).highWatermark == 21)
            disk.setRule(nil)
            for connection in connections { await connection.closeAndWait() }
        }
    }

    @Test(arguments: [1, -1] as [Int16])
    func aFailedFsyncAcknowledgesNothing(acks: Int16) async throws {
        let disk = FaultyFileSystem()
        let environment = BrokerEnvironment(fileSystem: disk)
        try await withBroker(Self.properties, directory: "/meta,/data", environment: environment) { client in
            try await client.create("first")
            try await client.create("t")
            #expect(try await client.produce("t", try batch(["safe"]), acks: acks).errorCode == .none)
            disk.setRule { operation, path in
                operation == .synchronize && path.hasPrefix("/data/t-0/") ? SystemErrorCode.inputOutput : nil
            }
            #expect(try await client.produce("t", try batch(["lost"]), acks: acks).errorCode == .kafkaStorageError)
            disk.setRule(nil)
            // The kernel may have dropped what it could not write: a second fsync that succeeds must not be believed.
            #expect(try await client.produce("t", try batch(["no"]), acks: acks).errorCode == .kafkaStorageError)
            #expect(try await client.produce("first", try batch(["a"]), acks: acks).errorCode == .none)
        }
    }

    @Test func aTopicMayChoose() async throws {
        let disk = FaultyFileSystem()
        try await withBroker(directory: "/data", environment: BrokerEnvironment(fileSystem: disk)) { client in
            try await client.create("safe", configs: ["flush.messages": "1"])
            try await client.create("fast")
            let before = disk.count(of: .synchronize)
            #expect(try await client.produce("fast", try batch(["a"]), acks: -1).errorCode == .none)
            #expect(disk.count(of: .synchronize) == before)
            #expect(try await client.produce("safe", try batch(["a"]), acks: -1).errorCode == .none)
            #expect(disk.count(of: .synchronize) > before)
        }
    }
}

extension Array where Element: Sendable {
    fileprivate func asyncMap<Result>(_ transform: (Element) async throws -> Result) async rethrows -> [Result] {
        var results: [Result] = []
        for element in self { results.append(try await transform(element)) }
        return results
    }
}

import Foundation
import KafkaTestSupport
import Testing

/// Transactions of clients that others wrote: every input comes out exactly once, whatever is aborted, dies or is killed.
@Suite("Transactions against our broker", .timeLimit(.minutes(5)))
struct TransactionTests {
    static let inputs = 600

    @Test(arguments: ["confluent_transactions", "aiokafka_transactions"])
    func abortsAndDeathsOfTheProducer(client: String) async throws {
        try await BrokerProcess.with { broker in
            try await Self.fill(broker.address)
            for seed in 0..<100 {
                let result = try await PythonClients.run(client, [broker.address, "work", "\(seed)"])
                if result.status == 0 { break }
                #expect(result.status == 9, "\(result)")
            }
            try await Self.expectEachOnce(broker.address)
        }
    }

    @Test func killsOfTheBroker() async throws {
        let port = try PortReservation()
        try await withTemporaryDirectory { directory in
            let address = "127.0.0.1:\(port.port)"
            let arguments = ["broker", "--listen", address, "--data-dir", directory]
            // Until all is carried over, each broker lives a little longer than the one before.
            let finished = Finished()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    var round = 0
                    while !finished.isSet {
                        round += 1
                        let life = 1.5 + Double(round) / 2
                        try await ManagedProcess.with(Swkafka.path, arguments) { process in
                            _ = try await process.line(containing: "127.0.0.1:")
                            try await finished.wait(seconds: life)
                            process.send(signal: SIGKILL)
                            _ = await process.status()
                        }
                    }
                }
                group.addTask {
                    try await Self.fill(address)
                    for seed in 0..<200 {
                        let result = try await PythonClients.run(
                            "confluent_transactions",
                            [address, "work", "\(seed)"]
                        )
                        if result.status == 0 { break }
                        #expect(result.status == 9, "\(result)")
                    }
                    finished.set()
                }
                try await group.waitForAll()
            }
            try await ManagedProcess.with(Swkafka.path, arguments) { process in
                _ = try await process.line(containing: "127.0.0.1:")
                try await Self.expectEachOnce(address)
            }
        }
    }

    private static func fill(_ address: String) async throws {
        let filled = try await PythonClients.run("confluent_transactions", [address, "fill", "\(inputs)"])
        #expect(filled.status == 0, "\(filled)")
    }

    private static func expectEachOnce(_ address: String) async throws {
        let committed = try await PythonClients.run("confluent_transactions", [address, "count", "read_committed"])
        #expect(committed.lines == ["\(inputs) \(inputs)"], "\(committed)")
        let all = try await PythonClients.run("confluent_transactions", [address, "count", "read_uncommitted"])
        let seen = all.lines.first?.split(separator: " ").compactMap { Int($0) } ?? []
        #expect(seen.first ?? 0 > inputs && seen.last == inputs, "\(all)")
    }
}

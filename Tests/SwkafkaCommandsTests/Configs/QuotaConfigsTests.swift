import Foundation
import KafkaClient
import Testing

@testable import SwkafkaCommands

/// `configs` for users, clients, addresses and loggers.
@Suite(.timeLimit(.minutes(2))) struct QuotaConfigsTests {
    private func entities(_ words: String...) throws -> [ConfigsEntity] {
        let words = ["configs", "--bootstrap-server", "h:1", "--describe"] + words
        return try #require(try CommandLineReader.parse(words) as? ConfigsCommand).entities.resolved()
    }

    @Test func namesAndDefaultsGoWithTypesByPlace() throws {
        let types = ["--entity-type", "users", "--entity-type", "clients"]
        let user = { (name: String?) in ConfigsEntity(kind: .users, name: name, isDefault: name == nil) }
        let client = { (name: String?) in ConfigsEntity(kind: .clients, name: name, isDefault: name == nil) }
        func both(_ words: String...) throws -> [ConfigsEntity] {
            let words = ["configs", "--bootstrap-server", "h:1", "--describe"] + types + words
            return try #require(try CommandLineReader.parse(words) as? ConfigsCommand).entities.resolved()
        }
        #expect(try both("--entity-name", "a", "--entity-name", "b") == [user("a"), client("b")])
        #expect(try both("--entity-default", "--entity-name", "b") == [user(nil), client("b")])
        #expect(try both("--entity-name", "a", "--entity-default") == [user("a"), client(nil)])
        #expect(try both("--entity-default", "--entity-default") == [user(nil), client(nil)])
        #expect(
            try both("--entity-name", "a") == [user("a"), ConfigsEntity(kind: .clients, name: nil, isDefault: false)]
        )
        #expect(
            try both("--entity-name", "--entity-default") == [user("--entity-default")]
                + [ConfigsEntity(kind: .clients, name: nil, isDefault: false)]
        )
        #expect(try entities("--entity-type", "ips", "--entity-default").first?.isDefault == true)
        #expect(try entities("--user-defaults", "--client", "c") == [client("c"), user(nil)])
        #expect(try entities("--user", "").first?.isDefault == true)
        #expect(throws: (any Error).self) { try entities("--user", "a", "--ip", "b") }
    }

    private func changes(
        _ additions: String,
        deleting: [String] = [],
        of entities: [ConfigsEntity] = [ConfigsEntity(kind: .users, name: "u", isDefault: false)]
    ) throws -> QuotaConfigsChanges {
        try QuotaConfigsChanges(
            additions: additions.isEmpty ? [] : ConfigsGrammar.additions(additions),
            deletions: deleting,
            entities: entities
        )
    }

    @Test func whatIsChanged() throws {
        #expect(
            try changes("producer_byte_rate=1048576", deleting: ["request_percentage"])
                == .quotas(["producer_byte_rate": 1_048_576, "request_percentage": nil])
        )
        #expect(
            try changes("SCRAM-SHA-256=[iterations=8192,password=a,b=c]", deleting: ["SCRAM-SHA-512"])
                == .credentials(
                    user: "u",
                    [.delete(.sha512), .set(password: "a,b=c", .sha256, iterations: 8192)]
                )
        )
        #expect(
            try changes("SCRAM-SHA-512=[iterations=-1,password=]")
                == .credentials(user: "u", [.set(password: "", .sha512, iterations: 4096)])
        )
        let client = [ConfigsEntity(kind: .clients, name: "c", isDefault: false)]
        let address = [ConfigsEntity(kind: .ips, name: "c", isDefault: false)]
        let everybody = [ConfigsEntity(kind: .users, name: nil, isDefault: true)]
        let wrong: [(String, [String], [ConfigsEntity]?)] = [
            ("producer_byte_rate=x", [], nil), ("foo=1", [], nil), ("", ["foo"], nil),
            ("connection_creation_rate=1", [], nil), ("producer_byte_rate=1", [], address),
            ("SCRAM-SHA-256=[password=x]", [], client), ("SCRAM-SHA-256=[password=x]", [], everybody),
            ("SCRAM-SHA-256=[password=x],producer_byte_rate=1", [], nil),
            ("SCRAM-SHA-256=[iterations=8192]", [], nil), ("SCRAM-SHA-256=[iterations=100,password=x]", [], nil),
            ("SCRAM-SHA-256=[iterations=99999999,password=x]", [], nil),
            ("SCRAM-SHA-256=[iterations=x,password=secret]", [], nil),
        ]
        for (additions, deletions, entities) in wrong {
            let failure = #expect(throws: CommandFailure.self, "\(additions)") {
                _ = try changes(
                    additions,
                    deleting: deletions,
                    of: entities ?? [ConfigsEntity(kind: .users, name: "u", isDefault: false)]
                )
            }
            #expect(failure?.status == .usage && failure?.message.contains("secret") == false)
        }
    }

    @Test func quotasAndPasswordsOfABroker() async throws {
        try await CommandBench.with { bench in
            func alter(_ words: String...) async throws -> Transcript {
                try await bench.run(["configs", "--alter"] + words)
            }
            let file = try await bench.withFile("SCRAM-SHA-512=iterations=4096,password=from a file\n") { path in
                try await alter("--user", "alice", "--add-config-file", path)
            }
            #expect(file == Transcript(status: 0, output: "Completed updating config for user alice.\n", errors: ""))
            for words in [
                ["--user", "alice", "--add-config", "consumer_byte_rate=2e7"],
                ["--user", "alice", "--client-defaults", "--add-config", "request_percentage=12.5"],
            ] {
                let result = try await bench.run(["configs", "--alter"] + words)
                #expect(result.status == 0, "\(result)")
            }
            #expect(
                try await bench.run("configs", "--describe", "--user", "alice").output
                    == "Quota configs for user-principal 'alice' are consumer_byte_rate=2.0E7\n"
                    + "SCRAM credential configs for user-principal 'alice' are SCRAM-SHA-512=iterations=4096\n"
            )
            #expect(
                try await bench.run("configs", "--describe", "--entity-type", "users", "--entity-type", "clients")
                    .output
                    == "Quota configs for user-principal 'alice', the default client-id are request_percentage=12.5\n"
            )
            let json = try await bench.run("configs", "--describe", "--user", "alice", "--output", "json")
            #expect(json.output.contains("\"mechanism\": \"SCRAM-SHA-512\""), "\(json)")
            #expect(!json.output.contains("from a file"))
            let table = try await bench.run("configs", "--describe", "--user", "alice", "--output", "table")
            #expect(table.output.contains("consumer_byte_rate  2.0E7"), "\(table)")
            let refused = try await alter("--user", "alice", "--add-config", "producer_byte_rate=-5")
            #expect(refused.status == 1 && refused.output.isEmpty)
            #expect(refused.errors.contains("must be greater than 0"), "\(refused)")
            let unset = try await alter("--user", "alice", "--delete-config", "producer_byte_rate")
            #expect(unset.errors.hasPrefix("Invalid config(s): producer_byte_rate\n"), "\(unset)")
        }
    }

    /// What one broker has taken, and the controller decided, the same broker tells at once and the others soon.
    @Test func quotasOfACluster() async throws {
        try await ClusterBench.with([1, 2]) { bench in
            for words in [
                ["--add-config", "SCRAM-SHA-256=[password=x]"], ["--add-config", "producer_byte_rate=5"],
                ["--delete-config", "SCRAM-SHA-256"],
            ] {
                let result = await transcript(
                    ["configs", "--bootstrap-server", bench.addresses, "--alter", "--user", "u"] + words
                )
                #expect(result.status == 0, "\(words): \(result)")
            }
            let line = "Quota configs for user-principal 'u' are producer_byte_rate=5.0\n"
            for broker in bench.brokers.values {
                try await bench.wait("the quota on \(broker.address)") {
                    let words = ["configs", "--bootstrap-server", broker.address, "--describe", "--user", "u"]
                    return await transcript(words).output == line
                }
            }
        }
    }

    @Test func theLoggerOfABroker() async throws {
        try await CommandBench.with(["node.id": "1"]) { bench in
            let heading = "Dynamic configs for broker-logger 1 are:\n"
            let describe = ["configs", "--describe", "--broker-logger", "1"]
            // Where the tests' broker begins is its own affair.
            let before = try await bench.run(describe)
            #expect(before.output.hasPrefix(heading + "  root="), "\(before)")
            let alter = ["configs", "--alter", "--broker-logger", "1"]
            let altered = try await bench.run(alter + ["--add-config", "root=ERROR"])
            #expect(
                altered == Transcript(status: 0, output: "Completed updating config for broker-logger 1.\n", errors: "")
            )
            #expect(try await bench.run(describe).output == heading + "  root=ERROR sensitive=false synonyms={}\n")
            let unknown = try await bench.run(alter + ["--add-config", "kafka.server.KafkaApis=DEBUG"])
            #expect(unknown.status == 1 && unknown.errors.contains("Invalid broker logger(s): kafka.server.KafkaApis"))
            for wrong in [["--add-config", "root=LOUD"], ["--delete-config", "root"]] {
                let result = try await bench.run(alter + wrong)
                #expect(result.status == 1 && result.output.isEmpty, "\(result)")
            }
        }
    }
}

import Foundation
import KafkaTestSupport
import Testing

@testable import KafkaClient
@testable import SwkafkaCommands

@Suite(.timeLimit(.minutes(2))) struct AclsTests {
    /// Every recorded command line of Kafka's script but for help and version, in their order, called by the script's
    /// name. Rules are compared in any order: Kafka's follows hash tables. The words of failures are our own.
    @Test func everyRecordedCommandLine() async throws {
        let cases = try GoldenCase.all("acls")
        #expect(cases.count == 41)
        try await ScriptedCluster.with(AclsModel().script) { cluster in
            for item in cases where !item.id.hasSuffix("-no-authorizer") {
                let result = try await item.runAsScript("kafka-acls.sh", against: cluster.address)
                #expect(result.status == item.exit, "\(item.id): \(result)")
                guard item.exit == 0 else { continue }
                #expect(Self.lines(result.output) == Self.lines(item.stdout), "\(item.id)")
                #expect(result.errors == "", "\(item.id)")
            }
        }
    }

    /// Without the blanks that mark the first and the last rule of a resource.
    private static func lines(_ text: String) -> [String] {
        text.split(separator: "\n").map { line in
            line.trimmingCharacters(in: .whitespaces)
        }.filter { !$0.isEmpty }.sorted()
    }

    @Test func blanksAsKafkas() async throws {
        try await ScriptedCluster.with(AclsModel().script) { cluster in
            let bench = CommandBench(address: cluster.address)
            let rules = ["--allow-principal", "User:alice", "--operation", "read", "--operation", "IDEMPOTENT_WRITE"]
            let wrong = try await bench.run(["acls", "--add", "--topic", "t"] + rules)
            #expect(wrong.status == 2)
            #expect(wrong.errors.contains("'IDEMPOTENT_WRITE' is no operation on a topic"))
            let added = try await bench.run(["acls", "--add", "--topic", "t"] + rules.prefix(4))
            let block = """
                for resource `ResourcePattern(resourceType=TOPIC, name=t, patternType=LITERAL)`: \n \
                \t(principal=User:alice, host=*, operation=READ, permissionType=ALLOW) \n\n
                """
            #expect(added == Transcript(status: 0, output: "Adding ACLs \(block)", errors: ""))
            let listed = try await bench.run("acls", "--list")
            #expect(listed == Transcript(status: 0, output: "Current ACLs \(block)", errors: ""))
            let json = try await bench.run("acls", "--list", "--output", "json")
            let object = try JSONDecoder().decode([[String: String]].self, from: Data(json.output.utf8))
            #expect(
                object == [
                    [
                        "resourceType": "TOPIC", "name": "t", "patternType": "LITERAL", "principal": "User:alice",
                        "host": "*", "operation": "READ", "permission": "ALLOW",
                    ]
                ]
            )
            let silent = try await bench.run("acls", "--remove", "--topic", "t")
            #expect(silent.status == 1)
            #expect(silent.errors.contains("no rule was removed"))
            #expect(try await bench.run("acls", "--list") == listed)
        }
    }

    /// The bundled broker has no authorizer.
    @Test func withoutAuthorizer() async throws {
        let recorded = try GoldenCase.all("acls").filter { $0.id.hasSuffix("-no-authorizer") }
        #expect(recorded.count == 2)
        try await CommandBench.with { bench in
            for item in recorded {
                let result = try await item.runAsScript("kafka-acls.sh", against: bench.address)
                #expect(result.status == item.exit, "\(item.id): \(result)")
                // Kafka's error stands there, too.
                let lines = Self.lines(item.stdout).filter { !$0.contains("SecurityDisabledException") }
                #expect(Self.lines(result.output) == lines && !result.errors.isEmpty, "\(item.id): \(result)")
            }
            let listed = try await bench.run("acls", "--list")
            #expect(listed.status == 1)
            #expect(listed.output == "")
            #expect(listed.errors.contains("No Authorizer is configured on the broker (SECURITY_DISABLED)"))
            let added = try await bench.run("acls", "--add", "--allow-principal", "User:a", "--topic", "x")
            #expect(added.status == 1)
            #expect(added.output.hasPrefix("Adding ACLs for resource `ResourcePattern(resourceType=TOPIC, name=x,"))
            #expect(added.errors.contains("No Authorizer is configured (SECURITY_DISABLED)"))
            let removed = try await bench.run("acls", "--remove", "--force", "--topic", "x")
            #expect(removed.status == 1)
        }
    }
}

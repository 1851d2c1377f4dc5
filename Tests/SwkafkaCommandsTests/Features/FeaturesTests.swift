import KafkaMessages
import Testing

@testable import KafkaClient
@testable import SwkafkaCommands

@Suite struct FeaturesTests {
    /// The recorded broker was of an earlier release.
    private static let otherRelease: Set<String> = [
        "describe", "version-mapping", "upgrade-dry", "upgrade-release-dry",
    ]
    /// Kafka's script refuses what is said on the wrong side of the subcommand.
    private static let takenHere: Set<String> = ["describe-before-bootstrap"]

    @Test func everyRecordedCommandLine() async throws {
        let cases = try GoldenCase.all("features")
        #expect(cases.count == 18)
        try await CommandBench.with { bench in
            for item in cases {
                let result = await item.run("features", against: bench.address, nowMs: 0)
                if Self.takenHere.contains(item.id) {
                    #expect(result.status == 0, "\(item.id): \(result)")
                    continue
                }
                if Self.otherRelease.contains(item.id) { continue }
                #expect(result.status == item.exit, "\(item.id): \(result)")
                // The note on a word's age goes to standard error here.
                let expected = item.stdout.replacing(#/ `metadata` flag.*\n/#, with: "")
                #expect(result.output == expected, "\(item.id)")
                // Which releases there are is told in both.
                let error =
                    item.stderr.split(separator: "\n").first.map { $0.replacing(#/Supported.*/#, with: "") } ?? ""
                #expect(result.errors.contains(error) || item.stderr.isEmpty, "\(item.id): \(result)")
            }
        }
    }

    @Test func ourOwnLevels() async throws {
        try await CommandBench.with { bench in
            func run(_ words: String...) async throws -> Transcript { try await bench.run(["features"] + words) }
            let all = try await run("describe")
            let lines = all.output.split(separator: "\n").map {
                $0.split(separator: "\t").dropLast().joined(separator: " ")
            }
            #expect(
                lines == [
                    "Feature: group.version SupportedMinVersion: 0 SupportedMaxVersion: 1 FinalizedVersionLevel: 1",
                    "Feature: metadata.version SupportedMinVersion: 3.3-IV3 SupportedMaxVersion: 4.1-IV1 "
                        + "FinalizedVersionLevel: 4.1-IV1",
                    "Feature: transaction.version SupportedMinVersion: 0 SupportedMaxVersion: 2 "
                        + "FinalizedVersionLevel: 2",
                ]
            )
            let dry = try await run("downgrade", "--feature", "group.version=0", "--dry-run")
            #expect(dry.output == "group.version can be downgraded to 0.\n")
            let lower = try await run("downgrade", "--feature", "transaction.version=1", "--feature", "group.version=0")
            #expect(
                lower.output == "group.version was downgraded to 0.\ntransaction.version was downgraded to 1.\n"
            )
            let json = try await run("describe", "--output", "json")
            #expect(json.output.contains("\"name\": \"transaction.version\",") && json.output.contains("\"level\": 1"))
            let both = try await run("upgrade", "--feature", "group.version=1", "--feature", "nope=3")
            #expect(both.status == 1 && both.errors == "2 out of 2 operation(s) failed.\n")
            let raised = try await run("upgrade", "--feature", "group.version=1", "--feature", "transaction.version=2")
            #expect(raised.status == 0, "\(raised)")
            #expect(try await run("disable", "--feature", "group.version").output == "group.version was disabled.\n")
            let twice = try await run("upgrade", "--feature", "group.version=1", "--feature", "group.version=1")
            #expect(twice.status == 1 && twice.errors.contains("more than once"))
        }
    }

    @Test func withoutACluster() async {
        let mapping = await transcript("features", "version-mapping", "--release-version", "4.0-IV3")
        #expect(
            mapping.output
                == "metadata.version=25 (4.0-IV3)\nkraft.version=1\ntransaction.version=2\ngroup.version=1\n"
        )
        #expect(await transcript("features", "version-mapping").output.hasPrefix("metadata.version=27 (4.1-IV1)\n"))
        let unknown = await transcript("features", "version-mapping", "--release-version", "2.8")
        #expect(
            unknown.status == 1
                && unknown.errors.contains("'2.8'. Supported versions are: 3.3-IV3 to 4.1-IV1")
        )
        let beyond = await transcript("features", "feature-dependencies", "--feature", "group.version=9")
        #expect(beyond.status == 1)
    }

    @Test func levelsThatNobodyKnows() {
        let description = FeatureDescription(
            features: [ClusterFeature(name: "metadata.version", supported: 7...99, level: 98)],
            epoch: nil
        )
        #expect(
            FeaturesOutput(description: description).text
                == "Feature: metadata.version\tSupportedMinVersion: 3.3-IV3\tSupportedMaxVersion: UNKNOWN 99\t"
                + "FinalizedVersionLevel: UNKNOWN 98\tEpoch: -\n"
        )
    }
}

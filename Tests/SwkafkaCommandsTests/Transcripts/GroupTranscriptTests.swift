import Foundation
import KafkaTestSupport
import Testing

@testable import SwkafkaCommands

/// Every recorded command line of Kafka's `kafka-consumer-groups.sh`, run against a model of the recorded groups.
///
/// Compared are the lines of both streams together, in any order: Kafka's follows hash tables, ours is sorted, and errors
/// stand on standard error here. Where an error is told in words of our own, there must be one, and beside it the same
/// lines. A refused command line must be refused; its words are our own.
@Suite(.timeLimit(.minutes(2))) struct GroupTranscriptTests {
    /// Where we differ on purpose, and why.
    static let differences: [String: String] = [
        "members-verbose": "the columns of Kafka 4.0, with the topics' names",
        "members-static": "the columns of Kafka 4.0, with the topics' names",
        "members-new-verbose": "the columns of Kafka 4.0, with the topics' names",
        "describe-verbose": "the columns of Kafka 4.0",
        "state-verbose": "the columns of Kafka 4.0",
        "delete-active-and-empty": "each group stands in quotes of its own",
        "delete-two-one-missing": "each group stands in quotes of its own",
        "delete-two": "each group stands in quotes of its own",
        "delete-all-groups": "each group stands in quotes of its own",
    ]
    /// Where a warning or an error is our own sentence.
    private static let ownWords: Set<String> = [
        "reset-no-mode", "reset-missing-topic", "reset-missing-partition", "reset-to-datetime-no-ms",
        "reset-to-datetime-bad", "reset-to-datetime-date-only", "reset-by-duration-bad", "reset-from-file-none",
        "dead-broker", "timeout-bad",
    ]

    @Test func everyRecordedCommandLine() async throws {
        let cases = try GoldenCase.all("consumer-groups")
        #expect(cases.count == 110)
        for stage in 0...3 {
            try await ScriptedCluster.with(GroupsModel(stage: stage == 3 ? 1 : stage).script) { cluster in
                for item in cases where item.stage == stage {
                    var result = await item.run("consumer-groups", against: cluster.address, nowMs: 1_795_466_000_000)
                    #expect(result.status == Self.status(item), "\(item.id): \(result)")
                    if Self.ownWords.contains(item.id) {
                        let kept = Self.lines(item.stdout).filter { !$0.hasPrefix("Error: ") }
                        #expect(Self.lines(result.output) == kept && !result.errors.isEmpty, "\(item.id): \(result)")
                        continue
                    }
                    guard result.status != 2, Self.differences[item.id] == nil else { continue }
                    result.output = result.output.replacing(cluster.address, with: "BROKER")
                    #expect(
                        Self.lines(result.output + result.errors) == Self.lines(item.stdout + item.stderr),
                        "\(item.id)"
                    )
                    guard !item.stdout.contains("Error: "), !item.stdout.contains("Warn: ") else { continue }
                    #expect(Self.lines(result.output) == Self.lines(item.stdout), "\(item.id)")
                }
            }
        }
        #expect(cases.count - Self.differences.count == 101)
    }

    /// 2 for a refused command line, where Kafka says 1; 1 for a failure, where Kafka says 0.
    private static func status(_ item: GoldenCase) -> Int32 {
        if item.exit != 0 || item.id == "timeout-bad" { return 2 }
        return item.stdout.contains("Error: ") ? 1 : 0
    }

    /// The lines without the time and place that a logger adds.
    private static func lines(_ text: String) -> [String] {
        text.replacing(" (org.apache.kafka.tools.consumer.group.ConsumerGroupCommand)", with: "")
            .split(separator: "\n").map(String.init).sorted()
    }

    /// What differs on purpose, word for word.
    @Test func whatDiffers() async throws {
        try await ScriptedCluster.with(GroupsModel(stage: 1).script) { cluster in
            let bench = CommandBench(address: cluster.address)
            let members = try await bench.run(
                "consumer-groups",
                "--describe",
                "--group",
                "gn",
                "--members",
                "--verbose"
            )
            #expect(
                members.output
                    == "\nGROUP           CONSUMER-ID            HOST            CLIENT-ID       #PARTITIONS     "
                    + "CURRENT-EPOCH   CURRENT-ASSIGNMENT TARGET-EPOCH    TARGET-ASSIGNMENT\n"
                    + "gn              VNFJZ07VQLaZfFw_H_I2Cw /127.0.0.1      c-n             1               "
                    + "3               t2:0               3               t2:0             \n"
            )
            let verbose = try await bench.run("consumer-groups", "--describe", "--group", "ga", "--verbose")
            #expect(
                verbose.output.hasPrefix(
                    "\nGROUP           TOPIC           PARTITION  LEADER-EPOCH    CURRENT-OFFSET  "
                )
            )
            let state = try await bench.run("consumer-groups", "--describe", "--group", "gn", "--state").output
            #expect(
                state
                    == "\nGROUP                     COORDINATOR (ID)          ASSIGNMENT-STRATEGY  STATE           #MEMBERS\n"
                    + "gn                        " + "\(cluster.address)  (1)".padded(to: 25)
                    + " uniform              Stable          1\n"
            )
            let deleted = try await bench.run("consumer-groups", "--delete", "--group", "g2", "--group", "ga")
            #expect(deleted.output == "\nThese consumer groups were deleted successfully: 'g2'\n")
            #expect(
                deleted.errors.hasPrefix("\nError: Deletion of some consumer groups failed:\n* Group 'ga' could not")
            )
            let both = try await bench.run("consumer-groups", "--delete", "--group", "gdel", "--group", "gdel2")
            #expect(both.output == "Deletion of requested consumer groups ('gdel', 'gdel2') was successful.\n")
        }
    }
}

import Testing

@testable import SwkafkaCommands

@Suite struct TopicsOptionTests {
    private func refusal(_ words: String...) async -> String {
        let output = MemorySink()
        let errors = MemorySink()
        let status = await runCommand(
            ["topics", "--bootstrap-server", "127.0.0.1:1"] + words,
            in: testContext(output: output, errors: errors)
        )
        #expect(status == .usage)
        return errors.text
    }

    @Test func optionsBelongToActions() async {
        #expect(await refusal("--list", "--partitions", "3").contains("--partitions cannot be used with --list"))
        #expect(await refusal("--create", "--topic", "z", "--if-exists").contains("--if-exists cannot be used"))
        #expect(await refusal("--list", "--if-not-exists").contains("--if-not-exists cannot be used"))
        #expect(await refusal("--alter", "--topic", "z", "--config", "a=b").contains("swkafka configs"))
        #expect(
            await refusal("--describe", "--at-min-isr-partitions", "--topics-with-overrides")
                .contains("--topics-with-overrides")
        )
        #expect(
            await refusal("--create", "--topic", "a", "--replica-assignment", "1", "--partitions", "1")
                .contains("--replica-assignment cannot be used with --partitions")
        )
        #expect(await refusal("--create", "--topic", "a", "--output", "json").contains("--output"))
    }

    @Test func requiredOptions() async {
        #expect(await refusal("--create").contains("--topic"))
        #expect(await refusal("--delete").contains("--topic"))
        #expect(await refusal("--alter", "--topic", "a").contains("--partitions"))
        #expect(await refusal("--describe", "--if-exists").contains("--topic-id"))
    }

    @Test func repeatedSettingsAndOldOptions() throws {
        let command = try parsed(
            TopicsCommand.self,
            "topics",
            "--create",
            "--topic",
            "t",
            "--bootstrap-server",
            "h:1",
            "--config",
            "a=1",
            "--config",
            "b=2",
            "--force",
            "--disable-rack-aware"
        )
        #expect(command.topics.config == ["a=1", "b=2"])
    }

    @Test func replicaAssignments() throws {
        #expect(try ReplicaAssignment.parse("1:2,2:1") == [[1, 2], [2, 1]])
        #expect(throws: TopicsRunner.failure("Partition replica lists may not contain duplicate entries: 1")) {
            try ReplicaAssignment.parse("1:1")
        }
        #expect(throws: TopicsRunner.failure("Partition 1 has different replication factor: [1]")) {
            try ReplicaAssignment.parse("1:2,1")
        }
        #expect(throws: CommandFailure.self) { try ReplicaAssignment.parse("x") }
        #expect(throws: CommandFailure.self) { try ReplicaAssignment.parse("") }
    }
}

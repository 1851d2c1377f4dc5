import Foundation
import KafkaClient
import KafkaMessages
import KafkaTestSupport
import KafkaWire
import Synchronization
import Testing

@testable import SwkafkaCommands

@Suite("Share groups", .timeLimit(.minutes(1))) struct ShareGroupsTests {
    /// Group "busy" has two members on topic t, "idle" none; "classic" is no share group.
    private final class Model: Sendable {
        let altered = Mutex<[AlterShareGroupOffsetsRequest]>([])
        let deleted = Mutex<[String]>([])

        func script(lag: Bool = true) -> ScriptedCluster.Script {
            var script = ScriptedCluster.Script()
            script.answerBasics(topics: ["t": 2])
            script.answer(ListGroupsRequest.self, versions: 0...5) { request, _ in
                let all = [("busy", "Stable", "share"), ("classic", "Stable", "classic"), ("idle", "Empty", "share")]
                return ListGroupsResponse(
                    groups: all.compactMap { id, state, type in
                        guard request.typesFilter.isEmpty || request.typesFilter.contains("Share") && type == "share",
                            request.statesFilter.isEmpty || request.statesFilter.contains(state)
                        else { return nil }
                        return .init(groupId: id, protocolType: "share", groupState: state, groupType: type)
                    }
                )
            }
            script.answer(ShareGroupDescribeRequest.self, versions: 1...1) { request, _ in
                ShareGroupDescribeResponse(groups: request.groupIds.map(Self.group))
            }
            script.answer(DescribeShareGroupOffsetsRequest.self, versions: 0...(lag ? 1 : 0)) { request, _ in
                DescribeShareGroupOffsetsResponse(groups: request.groups.map { Self.offsets($0.groupId, lag: lag) })
            }
            script.answer(ListOffsetsRequest.self, versions: 1...6) { request, _ in
                ListOffsetsResponse(
                    topics: request.topics.map { topic in
                        .init(
                            name: topic.name,
                            partitions: topic.partitions.map {
                                .init(partitionIndex: $0.partitionIndex, offset: $0.timestamp == -2 ? 3 : 50)
                            }
                        )
                    }
                )
            }
            script.answer(AlterShareGroupOffsetsRequest.self) { [self] request, _ in
                altered.withLock { $0.append(request) }
                return AlterShareGroupOffsetsResponse(
                    responses: request.topics.map { topic in
                        .init(
                            topicName: topic.topicName,
                            partitions: topic.partitions.map { .init(partitionIndex: $0.partitionIndex) }
                        )
                    }
                )
            }
            script.answer(DeleteShareGroupOffsetsRequest.self) { request, _ in
                guard request.groupId != "busy" else { return .init(errorCode: .nonEmptyGroup) }
                return .init(
                    responses: request.topics.map { topic in
                        .init(
                            topicName: topic.topicName,
                            errorCode: topic.topicName == "t" ? .none : .unknownTopicOrPartition
                        )
                    }
                )
            }
            script.answer(DeleteGroupsRequest.self) { [self] request, _ in
                deleted.withLock { $0 += request.groupsNames }
                return DeleteGroupsResponse(results: request.groupsNames.map { .init(groupId: $0) })
            }
            return script
        }

        private static func group(_ id: String) -> ShareGroupDescribeResponse.DescribedGroup {
            guard id == "busy" || id == "idle" else {
                return .init(errorCode: .groupIdNotFound, groupId: id)
            }
            var group = ShareGroupDescribeResponse.DescribedGroup(groupId: id)
            group.groupState = id == "busy" ? "Stable" : "Empty"
            group.groupEpoch = 7
            group.assignmentEpoch = 6
            group.assignorName = "simple"
            guard id == "busy" else { return group }
            group.members = ["m2", "m1"].map { name in
                var member = ShareGroupDescribeResponse.Member(memberId: name, memberEpoch: 7)
                member.clientId = "client-of-\(name)"
                member.clientHost = "/127.0.0.1"
                member.subscribedTopicNames = ["t"]
                member.assignment = .init(
                    topicPartitions: [.init(topicId: KafkaUUID(high: 1, low: 2), topicName: "t", partitions: [1, 0])]
                )
                return member
            }
            return group
        }

        private static func offsets(
            _ id: String,
            lag: Bool
        ) -> DescribeShareGroupOffsetsResponse.DescribeShareGroupOffsetsResponseGroup {
            guard id == "busy" || id == "idle" else { return .init(groupId: id, errorCode: .groupIdNotFound) }
            return .init(
                groupId: id,
                topics: [
                    .init(
                        topicName: "t",
                        partitions: [
                            .init(partitionIndex: 1, startOffset: -1, leaderEpoch: 0, lag: -1),
                            .init(partitionIndex: 0, startOffset: 12, leaderEpoch: 3, lag: lag ? 38 : -1),
                        ]
                    )
                ]
            )
        }
    }

    private static func run(_ words: String..., lag: Bool = true, model: Model = Model()) async throws -> Transcript {
        try await ScriptedCluster.with(model.script(lag: lag)) { cluster in
            try await CommandBench(address: cluster.address).run(["share-groups"] + words)
        }
    }

    @Test func lists() async throws {
        #expect(try await Self.run("--list").output == "busy\nidle\n")
        #expect(
            try await Self.run("--list", "--state").output
                == "GROUP           STATE\nbusy            Stable\nidle            Empty\n"
        )
        #expect(try await Self.run("--list", "--state", "empty").output.hasSuffix("STATE\nidle            Empty\n"))
    }

    @Test func offsets() async throws {
        let text = try await Self.run("--describe", "--group", "busy")
        #expect(
            text.output == """

                GROUP           TOPIC           PARTITION  START-OFFSET  LAG
                busy            t               0          12            38
                busy            t               1          -             -

                """,
            "\(text)"
        )
        let verbose = try await Self.run("--describe", "--group", "busy", "--verbose", "--offsets")
        #expect(
            verbose.output == """

                GROUP           TOPIC           PARTITION  LEADER-EPOCH  START-OFFSET  LAG
                busy            t               0          3             12            38
                busy            t               1          -             -             -

                """,
            "\(verbose)"
        )
        let old = try await Self.run("--describe", "--group", "busy", lag: false)
        #expect(old.output.contains("0          12            -\n"), "\(old)")
    }

    @Test func membersAndStates() async throws {
        let members = try await Self.run("--describe", "--group", "busy", "--members", "--verbose")
        #expect(
            members.output == """

                GROUP           CONSUMER-ID     HOST            CLIENT-ID       #PARTITIONS  MEMBER-EPOCH  ASSIGNMENT
                busy            m1              /127.0.0.1      client-of-m1    2            7             t:0,1
                busy            m2              /127.0.0.1      client-of-m2    2            7             t:0,1

                """,
            "\(members)"
        )
        let state = try await Self.run("--describe", "--all-groups", "--state")
        let lines = state.output.split(separator: "\n")
        #expect(lines.count == 4 && lines[0].hasPrefix("GROUP           COORDINATOR (ID)"), "\(state)")
        #expect(lines[1].hasSuffix("(1)      Stable          2") || lines[1].hasSuffix("Stable          2"), "\(state)")
        #expect(state.errors == "\nShare group 'idle' has no active members.\n")
        let nobody = try await Self.run("--describe", "--group", "idle", "--members")
        #expect(nobody.output.isEmpty && nobody.status == 0, "\(nobody)")
        let missing = try await Self.run("--describe", "--group", "none", "--group", "idle")
        #expect(
            missing.status == 1 && missing.errors.contains("Error: Share group 'none' does not exist."),
            "\(missing)"
        )
        #expect(missing.output.contains("\nidle "), "\(missing)")
    }

    @Test func resets() async throws {
        let model = Model()
        let plan = try await Self.run(
            "--reset-offsets",
            "--group",
            "idle",
            "--topic",
            "t",
            "--to-earliest",
            "--dry-run",
            model: model
        )
        let table = """

            GROUP           TOPIC           PARTITION  NEW-OFFSET
            idle            t               0          3
            idle            t               1          3

            """
        #expect(plan.output == table && model.altered.withLock { $0.isEmpty }, "\(plan)")
        let done = try await Self.run(
            "--reset-offsets",
            "--group",
            "idle",
            "--topic",
            "t:1",
            "--to-latest",
            "--execute",
            model: model
        )
        #expect(done.status == 0, "\(done)")
        #expect(
            model.altered.withLock { $0 } == [
                .init(
                    groupId: "idle",
                    topics: [.init(topicName: "t", partitions: [.init(partitionIndex: 1, startOffset: 50)])]
                )
            ]
        )
        let current = try await Self.run(
            "--reset-offsets",
            "--group",
            "idle",
            "--all-topics",
            "--to-current",
            "--dry-run",
            "--export"
        )
        #expect(current.output == "t,0,12\n\n", "\(current)")
        let busy = try await Self.run(
            "--reset-offsets",
            "--group",
            "busy",
            "--topic",
            "t",
            "--to-earliest",
            "--execute"
        )
        #expect(busy.status == 1 && busy.errors.contains("is not empty"), "\(busy)")
        let unknown = try await Self.run(
            "--reset-offsets",
            "--group",
            "idle",
            "--topic",
            "t:7",
            "--to-earliest",
            "--execute"
        )
        #expect(unknown.status == 1 && unknown.errors.contains("has no partition 7"), "\(unknown)")
    }

    @Test func deletes() async throws {
        let model = Model()
        let done = try await Self.run("--delete", "--group", "idle", model: model)
        #expect(done.output == "Deletion of requested share groups ('idle') was successful.\n", "\(done)")
        let partly = try await Self.run(
            "--delete",
            "--group",
            "idle",
            "--group",
            "busy",
            "--group",
            "classic",
            model: model
        )
        #expect(partly.status == 1 && model.deleted.withLock { $0 } == ["idle", "idle"], "\(partly)")
        #expect(
            partly.errors.contains(
                "* Group 'classic' could not be deleted due to: Group 'classic' is not a share group."
            )
        )
        #expect(partly.output == "\nThese share groups were deleted successfully: 'idle'\n")
        let offsets = try await Self.run("--delete-offsets", "--group", "idle", "--topic", "t", "--topic", "gone")
        #expect(offsets.status == 1, "\(offsets)")
        #expect(offsets.output.hasPrefix("\nTOPIC           STATUS\ngone            Error: "), "\(offsets)")
        #expect(offsets.output.hasSuffix("\nt               Successful\n"), "\(offsets)")
        let busy = try await Self.run("--delete-offsets", "--group", "busy", "--topic", "t")
        #expect(busy.status == 1 && busy.errors.contains("NON_EMPTY_GROUP"), "\(busy)")
    }

    @Test func shapes() async throws {
        for words in [
            ["--list"], ["--describe", "--group", "busy"], ["--describe", "--group", "busy", "--members"],
            ["--describe", "--group", "busy", "--state"],
            ["--reset-offsets", "--group", "idle", "--topic", "t", "--to-earliest", "--dry-run"],
            ["--delete-offsets", "--group", "idle", "--topic", "t"],
        ] {
            let label = words.filter {
                $0.hasPrefix("--") && !["--group", "--topic", "--to-earliest", "--dry-run"].contains($0)
            }
            .joined(separator: " ")
            let model = Model()
            for format in ["json", "yaml", "tsv", "table"] {
                let result = try await ScriptedCluster.with(model.script()) { cluster in
                    try await CommandBench(address: cluster.address).run(
                        ["share-groups"] + words + ["--output", format]
                    )
                }
                #expect(result.status == 0 && !result.output.isEmpty, "\(words) \(format): \(result)")
                guard format == "json" else { continue }
                let shape = JSONShape(of: try JSONSerialization.jsonObject(with: Data(result.output.utf8)))
                let documented = JSONShapeTests.documented(ShareGroupsCommand.self)[label]
                #expect(documented?.allows(shape) == true, "\(label): \(shape)")
            }
        }
    }

    @Test func switchedOff() async throws {
        let model = Model()
        var script = model.script()
        script.answer(ShareGroupDescribeRequest.self, versions: 1...1) { request, _ in
            ShareGroupDescribeResponse(
                groups: request.groupIds.map { .init(errorCode: .unsupportedVersion, groupId: $0) }
            )
        }
        try await ScriptedCluster.with(script) { cluster in
            let result = try await CommandBench(address: cluster.address).run(
                "share-groups",
                "--describe",
                "--group",
                "busy",
                "--state"
            )
            #expect(result.status == 1 && result.errors.contains("share.version at 1"), "\(result)")
        }
    }

    @Test func mistakes() async throws {
        for (words, text) in [
            ([], "exactly one action"), (["--list", "--delete"], "exactly one action"),
            (["--describe"], "--group or --all-groups"), (["--lst"], "Did you mean '--list'?"),
            (["--reset-offsets", "--group", "g", "--topic", "t", "--to-earliest"], "--dry-run and --execute"),
            (["--reset-offsets", "--group", "g", "--topic", "t", "--execute"], "needs one of --to-offset"),
            (["--reset-offsets", "--group", "g", "--to-earliest", "--execute"], "--topic and --all-topics"),
            (["--delete-offsets", "--group", "g"], "needs --topic"),
            (["--delete-offsets", "--group", "g", "--topic", "t:1"], "whole topics"),
            (["--list", "--state", "Rebalancing"], "Valid states are: Empty, Stable, Dead"),
            (["--delete", "--group", "g", "--all-groups"], "--all-groups"),
            (["--list", "--verbose"], "--verbose cannot be used with --list"),
        ] {
            let result = await transcript(["share-groups", "--bootstrap-server", "127.0.0.1:1"] + words)
            #expect(result.status == 2 && result.errors.contains(text), "\(words): \(result)")
        }
        let dead = await transcript("share-groups", "--bootstrap-server", "127.0.0.1:1", "--list")
        #expect(dead.status == 1 && dead.errors.contains("127.0.0.1:1"), "\(dead)")
    }
}

import KafkaClient
import Testing

@testable import SwkafkaCommands

@Suite struct GroupReportTests {
    private let node = Node(id: 1, host: "h", port: 9092)

    private func partition(_ topic: String, _ number: Int32) -> TopicPartition {
        TopicPartition(topic: topic, partition: number)
    }

    private func member(_ id: String, _ partitions: [TopicPartition]) -> GroupMemberDescription {
        GroupMemberDescription(id: id, clientID: "c-\(id)", host: "/1.2.3.4", assignment: partitions)
    }

    @Test func rowsBeginWithTheMemberThatHasMost() {
        let rows = PartitionLag.rows(
            [
                member("b", [partition("t", 2)]), member("a", [partition("t", 3)]),
                member("c", [partition("u", 0), partition("t", 10), partition("t", 9)]), member("idle", []),
            ],
            committed: [partition("t", 9): GroupOffset(4), partition("old", 1): GroupOffset(1)],
            ends: [partition("t", 9): 10, partition("t", 2): 7]
        )
        let names = rows.map { "\($0.owner?.id ?? "-") \($0.partition)" }
        #expect(names == ["c t-9", "c t-10", "c u-0", "a t-3", "b t-2", "- old-1"])
        #expect(rows.map(\.lag) == [6, nil, nil, nil, nil, nil])
    }

    @Test func lagInSeconds() {
        var row = PartitionLag(partition: partition("t", 0), committed: GroupOffset(4), end: 10)
        #expect(row.lagSeconds(nowMs: 100_000) == nil)
        row.nextRecordMs = 40_500
        #expect(row.lagSeconds(nowMs: 100_000) == 59)
        #expect(row.lagSeconds(nowMs: 0) == 0)
        row.nextRecordMs = .min
        #expect(row.lagSeconds(nowMs: 100_000) == nil)
        row.end = 4
        #expect(row.lagSeconds(nowMs: 100_000) == 0)
        row.committed = nil
        #expect(row.lagSeconds(nowMs: 100_000) == nil)
        row.committed = GroupOffset(.min)
        row.end = .max
        #expect(row.lag == nil)
    }

    @Test(arguments: [
        (0, "0s"), (59, "59s"), (60, "1m"), (200, "3m 20s"), (7_500, "2h 5m"), (3_600, "1h"), (349_200, "4d 1h"),
        (86_401, "1d"),
    ])
    func ages(seconds: Int, text: String) {
        #expect(GroupDescriptionData.age(Int64(seconds)) == text)
    }

    @Test func mixedMembersAreToldApart() {
        var old = member("a", [partition("t", 1), partition("t", 0), partition("s", 3)])
        old.isUpgraded = false
        old.epoch = 4
        old.targetAssignment = [partition("t", 0)]
        var new = old
        new.id = "b"
        new.isUpgraded = true
        let group = GroupDescription(
            id: "g",
            type: .consumer,
            state: .reconciling,
            coordinator: node,
            members: [new, old],
            groupEpoch: 5,
            targetAssignmentEpoch: 5
        )
        let lines = GroupDescriptionText.members(GroupReport(description: group), verbose: true).split(separator: "\n")
        #expect(lines[0].hasSuffix("CURRENT-EPOCH   CURRENT-ASSIGNMENT TARGET-EPOCH    TARGET-ASSIGNMENT UPGRADED"))
        #expect(lines[1].hasSuffix("4               s:3;t:0,1          5               t:0               false"))
        #expect(lines[2].hasSuffix("true"))
        let state = GroupDescriptionText.state(GroupReport(description: group), verbose: true)
        #expect(state.contains("GROUP-EPOCH     TARGET-ASSIGNMENT-EPOCH   #MEMBERS\n"))
        #expect(state.hasSuffix("Reconciling     5               5                         2\n"))
    }

    @Test func treesAndTables() {
        let row = PartitionLag(
            partition: partition("t", 0),
            committed: GroupOffset(4, leaderEpoch: 2, metadata: "m"),
            end: 10,
            owner: member("a", []),
            nextRecordMs: 1_000
        )
        let group = GroupDescription(id: "g", type: .classic, state: .stable, assignor: "range", coordinator: node)
        let report = GroupReport(description: group, partitions: [row])
        #expect(
            JSONText.compact(GroupDescriptionData.offsets([report], nowMs: 61_000))
                == #"[{"group":"g","type":"Classic","state":"Stable","assignmentStrategy":"range","coordinator":"#
                + #"{"id":1,"host":"h","port":9092},"partitions":[{"topic":"t","partition":0,"currentOffset":4,"#
                + #""logEndOffset":10,"lag":6,"lagSeconds":60,"leaderEpoch":2,"metadata":"m","consumerId":"a","#
                + #""host":"/1.2.3.4","clientId":"c-a"}]}]"#
        )
        let table = GroupDescriptionData.offsetsTable([report], nowMs: 61_000, colour: false).split(separator: "\n")
        #expect(table[0].contains("LAG  LAG-TIME"))
        #expect(table[1].contains("  6        1m  "))
        #expect(GroupDescriptionData.statesTable([report], colour: false).contains("h:9092 (1)"))
        #expect(GroupDescriptionData.membersTable([report], colour: false).hasPrefix("GROUP  CLIENT-ID"))
        let listing = GroupListing(id: "g", protocolType: "consumer", state: .empty, type: .classic)
        #expect(
            JSONText.compact(GroupsOutput.listValue([listing]))
                == #"[{"group":"g","type":"Classic","state":"Empty","protocol":"consumer"}]"#
        )
    }
}

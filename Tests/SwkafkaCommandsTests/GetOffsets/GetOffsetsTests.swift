import Testing

@testable import SwkafkaCommands

@Suite struct GetOffsetsTests {
    private let partitions: [(String, Int32)] = [("c1", 0), ("c2", 0), ("c2", 1), ("c2", 2), ("c3", 0)]

    private func chosen(_ filter: PartitionFilter) -> [String] {
        partitions.filter { filter.matches(topic: $0.0, partition: $0.1) }.map { "\($0.0):\($0.1)" }
    }

    @Test(
        arguments: [
            ("c2:0", ["c2:0"]), ("c2:0-2", ["c2:0", "c2:1"]), ("c2:1-", ["c2:1", "c2:2"]), ("c2:-2", ["c2:0", "c2:1"]),
            ("c1,c2:2", ["c1:0", "c2:2"]), (":0", ["c1:0", "c2:0", "c3:0"]),
            ("c.:", ["c1:0", "c2:0", "c2:1", "c2:2", "c3:0"]),
            ("c2:0,c2:2", ["c2:0", "c2:2"]), ("c2:2-1", []),
        ] as [(String, [String])]
    )
    func patterns(text: String, expected: [String]) throws {
        #expect(chosen(try PartitionFilter(patterns: text)) == expected)
    }

    @Test func topicsAndPartitions() throws {
        #expect(chosen(try PartitionFilter(topic: "c1,c3", partitions: nil)) == ["c1:0", "c3:0"])
        #expect(chosen(try PartitionFilter(topic: "c2", partitions: "0,2")) == ["c2:0", "c2:2"])
        #expect(chosen(try PartitionFilter(topic: nil, partitions: "1")) == ["c2:1"])
        #expect(throws: CommandFailure.self) { try PartitionFilter(topic: "c2", partitions: "0-2") }
        #expect(throws: CommandFailure.self) { try PartitionFilter(topic: "c2", partitions: "2147483647") }
        #expect(throws: CommandFailure.self) { try PartitionFilter(patterns: "c2:2147483647") }
        #expect(throws: CommandFailure.self) { try PartitionFilter(patterns: "c2:x") }
        #expect(throws: CommandFailure.self) { try PartitionFilter(patterns: "c2:1:2") }
    }

    @Test func times() throws {
        #expect(try OffsetTime("latest").timestamp == -1)
        #expect(try OffsetTime("-2").timestamp == -2)
        #expect(try OffsetTime("max-timestamp").timestamp == -3)
        #expect(try OffsetTime("1700000002000").timestamp == 1_700_000_002_000)
        #expect(throws: CommandFailure.self) { try OffsetTime("abc") }
    }

    @Test func sortsAsText() {
        let offsets = [2, 10, 1, 0].map { FoundOffset(topic: "many", partition: $0, offset: 5) }
        #expect(GetOffsetsOutput.text(GetOffsetsOutput.sorted(offsets)) == "many:0:5\nmany:1:5\nmany:10:5\nmany:2:5\n")
    }

    @Test func patternsExcludeOtherOptions() async {
        let result = await transcript(
            "get-offsets",
            "--bootstrap-server",
            "h:1",
            "--topic",
            "c1",
            "--topic-partitions",
            "c1:0"
        )
        #expect(result.status == 2)
    }
}

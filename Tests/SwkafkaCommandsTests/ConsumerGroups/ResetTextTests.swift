import KafkaClient
import Testing

@testable import SwkafkaCommands

@Suite struct ResetTextTests {
    @Test(arguments: [
        ("1970-01-01T00:00:00.000", 0), ("2023-11-14T22:13:25.000Z", 1_700_000_005_000),
        ("2023-11-14T23:13:25.000+01:00", 1_700_000_005_000), ("2023-11-14T23:13:25.000+01", 1_700_000_005_000),
        ("2023-11-14T17:43:25.001-0430", 1_700_000_005_001), ("2024-02-29T12:00:00.000", 1_709_208_000_000),
        ("2000-03-01T00:00:00.000", 951_868_800_000), ("1969-12-31T23:59:59.999", -1),
        ("1600-01-01T00:00:00.000", -11_676_096_000_000), ("9999-12-31T23:59:59.999", 253_402_300_799_999),
    ])
    func times(text: String, milliseconds: Int) throws {
        #expect(try DateTimeText.parse(text) == Int64(milliseconds))
    }

    @Test(arguments: [
        "", "yesterday", "2023-11-14", "2023-11-14T22:13:25", "2023-11-14T22:13:25.5", "2023-02-29T00:00:00.000",
        "2023-13-01T00:00:00.000", "2023-00-01T00:00:00.000", "2023-04-31T00:00:00.000", "2023-01-01T24:00:00.000",
        "2023-01-01T00:60:00.000", "2023-01-01T00:00:60.000", "2023-01-01T00:00:00.000z", "2023-01-01T00:00:00.000+1",
        "2023-01-01T00:00:00.000+01:0", "2023-01-01T00:00:00.000Z ", "٢٠٢٣-01-01T00:00:00.000",
    ])
    func noTimes(text: String) {
        #expect(throws: CommandFailure.self) { try DateTimeText.parse(text) }
    }

    @Test(arguments: [
        ("PT1H", 3_600_000), ("P9999D", 863_913_600_000), ("P1DT2H3M4.5S", 93_784_500), ("pt0s", 0),
        ("-PT1M", -60_000), ("PT-1M", -60_000), ("PT0.123456789S", 123), ("PT-0.5S", -500), ("P+1D", 86_400_000),
        ("-PT-1S", 1000),
    ])
    func durations(text: String, milliseconds: Int) throws {
        #expect(try DurationText.parse(text) == Int64(milliseconds))
    }

    @Test(arguments: [
        "", "1h", "P", "PT", "P1DT", "P1H", "PT1D", "P1M", "PT1S1M", "PT1.5M", "PT1.S", "P1D1D", "PTS", "PT--1S",
        "P99999999999999999999D", "P106751991168D", "PT1STT", "P١D",
    ])
    func noDurations(text: String) {
        #expect(throws: CommandFailure.self) { try DurationText.parse(text) }
    }

    @Test func plans() throws {
        let first = TopicPartition(topic: "t", partition: 0)
        let second = TopicPartition(topic: "u", partition: 12)
        let plain = try ResetPlan(csv: "t,0,5\r\n\"u\",12,7\n\n", onlyGroup: "g")
        #expect(plain["g"] == [first: 5, second: 7])
        #expect(plain["h"] == nil)
        let named = try ResetPlan(csv: "g,t,0,5\n\"a,\"\"b\"\"\",u,12,7\n", onlyGroup: nil)
        #expect(named["g"] == [first: 5])
        #expect(named["a,\"b\""] == [second: 7])
        // Lines with a group are also taken when there is one group.
        #expect(try ResetPlan(csv: "g,t,0,5", onlyGroup: "g")["g"] == [first: 5])
        for wrong in [
            "t,0", "t,x,1", "t,0,x", "t,-1,1", ",0,1", "\"t,0,1", "t,0,1\ng,t,0,1", "t,0,99999999999999999999",
        ] {
            #expect(throws: CommandFailure.self, "\(wrong)") { try ResetPlan(csv: wrong, onlyGroup: "g") }
        }
        #expect(throws: CommandFailure.self) { try ResetPlan(csv: "t,0,1", onlyGroup: nil) }
    }

    @Test func exportedPlansAreReadBack() throws {
        let offsets = [TopicPartition(topic: "t", partition: 1): Int64(3), TopicPartition(topic: "t", partition: 0): 9]
        let text = ResetPlan.csv([("a,\"b", offsets), ("c", [:])], namesGroups: true)
        #expect(text == "\"a,\"\"b\",t,0,9\n\"a,\"\"b\",t,1,3\n\n")
        #expect(try ResetPlan(csv: text, onlyGroup: nil)["a,\"b"] == offsets)
        let short = ResetPlan.csv([("g", offsets)], namesGroups: false)
        #expect(short == "t,0,9\nt,1,3\n\n")
        #expect(try ResetPlan(csv: short, onlyGroup: "g")["g"] == offsets)
    }

    @Test func topics() throws {
        #expect(try TopicSelection("t").partitions == nil)
        let some = try TopicSelection("t:0,2,2")
        #expect(some.topic == "t" && some.partitions == [0, 2])
        for wrong in ["", ":0", "t:", "t:x", "t:0:1", "t:-1", "t:0,", "t:99999999999"] {
            #expect(throws: CommandFailure.self, "\(wrong)") { try TopicSelection(wrong) }
        }
    }

    @Test func offsetsStayWithinTheLog() {
        let partition = TopicPartition(topic: "t", partition: 0)
        #expect(ResetScenario.clamped(5, to: partition, start: 2, end: 9) == (5, nil))
        #expect(ResetScenario.clamped(1, to: partition, start: 2, end: 9).offset == 2)
        #expect(ResetScenario.clamped(.max, to: partition, start: 2, end: 9).offset == 9)
        #expect(ResetScenario.clamped(.min, to: partition, start: 2, end: 9).warning?.contains("lower") == true)
    }
}

import KafkaClient
import Testing

@testable import SwkafkaCommands

@Suite struct TopicOptionTests {
    @Test func namesPartitionsAndConfigs() throws {
        #expect(try TopicOption.parse("a") == NewTopic("a"))
        #expect(try TopicOption.parse("a.b-c:12") == NewTopic("a.b-c", partitions: 12))
        #expect(try TopicOption.parse("a:retention.ms=-1") == NewTopic("a", configs: ["retention.ms": "-1"]))
        #expect(
            try TopicOption.parse("a:2:cleanup.policy=compact,delete:x=")
                == NewTopic("a", partitions: 2, configs: ["cleanup.policy": "compact,delete", "x": ""])
        )
    }

    @Test(arguments: ["", ":3", "a:", "a:0", "a:-1", "a:x", "a:99999999999", "a:1:", "a:1:x", "a:1:=x"])
    func refusesTheRest(text: String) async {
        #expect(throws: (any Error).self) { try TopicOption.parse(text) }
        let result = await transcript("run", "--topic", text, "--", "true")
        #expect(result.status == 2)
        #expect(result.output.isEmpty)
    }

    @Test func needsACommand() async {
        let result = await transcript("run", "--topic", "a")
        #expect(result.status == 2)
        #expect(result.errors.contains("after --"))
    }
}

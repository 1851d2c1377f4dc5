import Glibc
import Testing

@testable import SwkafkaCommands

@Suite struct LocalBrokerTests {
    @Test(arguments: [
        ["/usr/bin/swkafka", "broker", "--config", "s.properties", "--override", "node.id=7"],
        ["swkafka", "server-start", "s.properties", "--override=node.id=7"],
        ["/opt/bin/kafka-server-start.sh", "s.properties", "--override", "node.id=7"],
    ])
    func brokers(words: [String]) {
        let invocation = LocalBroker.Invocation(words)
        #expect(invocation?.config == "s.properties")
        #expect(invocation?.overrides == ["node.id": "7"])
    }

    @Test(arguments: [
        [], ["swkafka", "topics", "--list"], ["swkafka", "broker", "clock", "advance"], ["java", "kafka.Kafka", "x"],
        ["sh", "-c", "swkafka broker"], ["swkafka"],
    ])
    func others(words: [String]) {
        #expect(LocalBroker.Invocation(words) == nil)
    }

    @Test func signals() throws {
        #expect(try ServerStopCommand.signal(nil) == SIGTERM)
        #expect(try ServerStopCommand.signal("SIGKILL") == SIGKILL)
        #expect(try ServerStopCommand.signal("int") == SIGINT)
        #expect(try ServerStopCommand.signal("9") == 9)
        #expect(throws: CommandFailure.self) { try ServerStopCommand.signal("LOUD") }
    }
}

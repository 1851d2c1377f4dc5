import KafkaMessages
import Testing

@testable import KafkaCoordination

@Suite struct ConfigChangesTests {
    private static let set: Int8 = 0
    private static let delete: Int8 = 1
    private static let append: Int8 = 2
    private static let subtract: Int8 = 3

    @Test func setsRemovesExtendsAndShortens() throws {
        var world = ControllerWorld()
        try world.addBroker(1)
        try world.create("t")
        let own = { (world: ControllerWorld) in world.image.configs(of: .topic, "t") }
        #expect(try world.alter(.topic, "t", [("retention.ms", Self.set, " 5 ")]).errorCode == .none)
        #expect(own(world) == ["retention.ms": " 5 "])
        #expect(try world.alter(.topic, "t", [("cleanup.policy", Self.append, "compact")]).errorCode == .none)
        #expect(own(world)["cleanup.policy"] == "delete,compact")
        #expect(try world.alter(.topic, "t", [("cleanup.policy", Self.subtract, "delete")]).errorCode == .none)
        #expect(own(world)["cleanup.policy"] == "compact")
        let both = try world.alter(
            .topic,
            "t",
            [("cleanup.policy", Self.delete, nil), ("retention.ms", Self.delete, nil)]
        )
        #expect(both.errorCode == .none)
        #expect(own(world).isEmpty)
        #expect(world.image.configs.isEmpty)
    }

    @Test func refusesWhatCannotBe() throws {
        var world = ControllerWorld()
        try world.addBroker(1)
        try world.create("t")
        let cases: [(ConfigResource.Kind, String, (String, Int8, String?), ErrorCode, String)] = [
            (.topic, "nope", ("retention.ms", 0, "1"), .unknownTopicOrPartition, "The topic 'nope' does not exist."),
            (.topic, "t", ("no.such", 0, "1"), .invalidConfig, "Unknown topic config name: no.such"),
            (
                .topic, "t", ("retention.ms", 0, "x"), .invalidConfig,
                "Invalid value x for configuration retention.ms: Not a number of type LONG"
            ),
            (
                .topic, "t", ("retention.ms", 2, "1"), .invalidConfig,
                "Can't APPEND to key retention.ms because its type is not LIST."
            ),
            (.topic, "t", ("retention.ms", 0, nil), .invalidRequest, "Null value not supported for : retention.ms"),
            (.topic, "t", ("retention.ms", 9, "1"), .invalidRequest, "Unknown operation type 9."),
            (
                .broker, "1", ("num.partitions", 0, "3"), .invalidRequest,
                "Cannot update these configs dynamically: Set(num.partitions)"
            ),
            (
                .broker, "9", ("log.retention.ms", 0, "3"), .invalidRequest,
                "Unexpected broker id, expected 1 or empty string, but received 9"
            ),
            (
                .brokerLogger, "1", ("root", 0, "INFO"), .invalidRequest,
                "This broker keeps no configs for resources of type 8."
            ),
        ]
        for (kind, name, change, code, message) in cases {
            let answer = try world.alter(kind, name, [change])
            #expect(answer.errorCode == code)
            #expect(answer.errorMessage == message)
        }
        let twice = try world.alter(.topic, "t", [("retention.ms", 0, "1"), ("retention.ms", 1, nil)])
        #expect(twice.errorCode == .invalidRequest)
        #expect(world.image.configs.isEmpty)
    }

    @Test func legacyRequestReplacesEverything() throws {
        var world = ControllerWorld()
        try world.addBroker(1)
        try world.create("t", configs: ["retention.ms": "1", "segment.bytes": "1000"])
        let request = AlterConfigsRequest(resources: [
            .init(resourceType: 2, resourceName: "t", configs: [.init(name: "segment.bytes", value: "2000")])
        ])
        let answer = try world.commit(world.controller.alterConfigs(request))
        #expect(answer.responses.map(\.errorCode) == [.none])
        #expect(world.image.configs(of: .topic, "t") == ["segment.bytes": "2000"])
    }

    @Test func writesNothingWhenValidatingOrWhenNothingChanges() throws {
        var world = ControllerWorld()
        try world.addBroker(1)
        try world.create("t", configs: ["retention.ms": "1"])
        let length = world.log.count
        try world.alter(.topic, "t", [("retention.ms", 0, "2")], validateOnly: true)
        try world.alter(.topic, "t", [("retention.ms", 0, "1"), ("segment.ms", 1, nil)])
        #expect(world.log.count == length)
    }

    @Test func resolvesValuesThroughTheLayers() throws {
        var world = ControllerWorld(staticConfigs: ["log.retention.hours": "1", "log.segment.bytes": "5000"])
        try world.addBroker(1)
        try world.create("t", configs: ["max.message.bytes": "100"])
        let entries = { (world: ControllerWorld) in
            Dictionary(
                uniqueKeysWithValues: world.controller.resolver(broker: 1).topicEntries(
                    overrides: world.image.configs(of: .topic, "t")
                ).map { ($0.name, $0) }
            )
        }
        var now = entries(world)
        // The unit variant counts, but is not named.
        #expect(now["retention.ms"]?.value == "3600000")
        #expect(now["retention.ms"]?.synonyms == [])
        #expect(now["segment.bytes"]?.source == .staticBroker)
        #expect(
            now["segment.bytes"]?.synonyms == [
                ConfigSynonym(name: "log.segment.bytes", value: "5000", source: .staticBroker),
                ConfigSynonym(name: "log.segment.bytes", value: "1073741824", source: .default),
            ]
        )
        #expect(now["max.message.bytes"]?.source == .dynamicTopic)
        try world.alter(.broker, "", [("log.retention.ms", 0, "7"), ("log.segment.bytes", 0, "6000")])
        try world.alter(.broker, "1", [("log.segment.bytes", 0, "7000")])
        now = entries(world)
        #expect(now["retention.ms"]?.value == "7")
        #expect(now["retention.ms"]?.source == .dynamicDefaultBroker)
        #expect(now["segment.bytes"]?.value == "7000")
        #expect(now["segment.bytes"]?.source == .dynamicBroker)
    }

    @Test func unknownBrokerConfigsAreKeptAndHidden() throws {
        var world = ControllerWorld()
        try world.addBroker(1)
        #expect(try world.alter(.broker, "1", [("foo.bar", 0, "3")]).errorCode == .none)
        let entry = try #require(world.controller.resolver(broker: 1).brokerEntries().first { $0.name == "foo.bar" })
        #expect(entry.isSensitive)
    }

    @Test func everyDefaultIsValid() throws {
        for definition in BrokerConfigs.all + TopicConfigs.all.map(\.definition) {
            if let value = definition.defaultValue { _ = try definition.parse(value) }
            #expect(definition.documentation.hasSuffix("."))
        }
        for entry in TopicConfigs.all {
            for synonym in entry.synonyms { #expect(BrokerConfigs.byName[synonym.name] != nil) }
        }
    }
}

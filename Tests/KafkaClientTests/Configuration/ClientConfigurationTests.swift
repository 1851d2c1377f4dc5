import KafkaClient
import Testing

@Suite struct ClientConfigurationTests {
    @Test func takesPropertiesByKafkasNames() throws {
        var properties = PropertySet([
            "bootstrap.servers": "a:1,b:2",
            "client.id": "me",
            "request.timeout.ms": " 1500 ",
            "default.api.timeout.ms": "9000",
            "metadata.recovery.strategy": "NONE",
            "allow.auto.create.topics": "False",
            "key.deserializer": "org.example.Whatever",
            "isolation.level": "read_committed",
            "auto.offset.reset": "by_duration:PT1H30M",
            "fetch.max.bytes": "1000",
            "group.id": "billing", "partition.assignment.strategy": "sticky, range", "enable.auto.commit": "false",
            "fetch.max.byte": "1000",
        ])
        let client = try ClientConfiguration(properties: &properties)
        let consumer = try ConsumerConfiguration(properties: &properties)

        #expect(client.bootstrapServers.map(\.description) == ["a:1", "b:2"])
        #expect(client.clientID == "me")
        #expect(client.request.timeout == .milliseconds(1500))
        #expect(client.request.callTimeout == .seconds(9))
        #expect(!client.metadata.rebootstraps)
        #expect(!client.metadata.allowsTopicCreation)
        #expect(consumer.isolationLevel == .readCommitted)
        #expect(consumer.offsetReset == .byDuration(.seconds(5400)))
        #expect(consumer.fetchMaxBytes == 1000)
        #expect(consumer.group?.id == "billing")
        #expect(consumer.group?.strategies == [.sticky, .range])
        #expect(consumer.group?.commitsAutomatically == false)
        #expect(properties.unknownNames == ["fetch.max.byte"])
    }

    @Test func addressesOfTheCommandLineWin() throws {
        var properties = PropertySet(["bootstrap.servers": "not an address"])
        let client = try ClientConfiguration(
            properties: &properties,
            bootstrapServers: [ServerAddress(host: "h", port: 1)]
        )
        #expect(client.bootstrapServers.map(\.description) == ["h:1"])
        #expect(properties.unknownNames.isEmpty)
    }

    @Test(arguments: [
        ("request.timeout.ms", "soon", "a whole number of milliseconds is expected"),
        ("request.timeout.ms", "0", "it must lie between 1 and"),
        ("allow.auto.create.topics", "yes", "true or false is expected"),
        ("metadata.recovery.strategy", "hope", "one of rebootstrap, none is expected"),
        ("security.protocol", "SSL", "PLAINTEXT only"),
        ("retry.backoff.ms", "5000", "must not be longer than retry.backoff.max.ms"),
    ])
    func refusesWrongValues(name: String, value: String, reason: String) {
        let error = #expect(throws: KafkaClientError.self) {
            var properties = PropertySet(["bootstrap.servers": "a:1", name: value])
            return try ClientConfiguration(properties: &properties)
        }
        #expect(error?.code == .invalidConfiguration)
        #expect(error?.message.contains(name) == true)
        #expect(error?.message.contains(reason) == true, "\(error?.message ?? "")")
    }

    @Test func needsAnAddress() {
        let error = #expect(throws: KafkaClientError.self) {
            var properties = PropertySet([:])
            return try ClientConfiguration(properties: &properties)
        }
        #expect(error?.message.contains("No broker is named") == true)
    }

    @Test(arguments: [
        "", "sometime", "by_duration:", "by_duration:P", "by_duration:PT", "by_duration:1H",
        "by_duration:PT1M1H", "by_duration:PT1.5M", "by_duration:P1H", "by_duration:PT1",
    ])
    func refusesWrongResets(text: String) {
        #expect(throws: KafkaClientError.self) {
            var properties = PropertySet(["auto.offset.reset": text])
            return try ConsumerConfiguration(properties: &properties)
        }
    }
}

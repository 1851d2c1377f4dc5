import Testing

@testable import KafkaBroker

@Suite struct ConfigurationTests {
    @Test func defaults() throws {
        let configuration = try BrokerConfiguration()
        #expect(configuration.nodeID == 1)
        #expect(configuration.listener == .init(host: "127.0.0.1", port: 9092))
        #expect(configuration.dataDirectories.map { $0.hasSuffix("/kafka-logs") } == [true])
        #expect(configuration.address(port: 9092).description == "127.0.0.1:9092")
        #expect(try BrokerConfiguration(isEphemeral: true).dataDirectories == [])
    }

    @Test func readsKafkasSampleFile() throws {
        let configuration = try BrokerConfiguration(properties: [
            "process.roles": "broker,controller", "node.id": "5", "controller.quorum.voters": "1@localhost:9093",
            "listeners": "PLAINTEXT://:9092,CONTROLLER://:9093", "controller.listener.names": "CONTROLLER",
            "advertised.listeners": "PLAINTEXT://[::1]:19092", "log.dirs": "/data/kafka",
            "inter.broker.listener.name": "PLAINTEXT",
        ])
        #expect(configuration.nodeID == 5)
        #expect(configuration.listener == .init(host: "", port: 9092))
        #expect(configuration.address(port: 9092).description == "[::1]:19092")
        #expect(configuration.dataDirectories == ["/data/kafka"])
        #expect(configuration.ignoredProperties == ["inter.broker.listener.name"])
    }

    @Test(arguments: [
        ["listeners": "nonsense"], ["listeners": "PLAINTEXT://host"], ["listeners": "PLAINTEXT://host:70000"],
        ["listeners": "SSL://host:9093"], ["listeners": ""], ["listeners": "PLAINTEXT://a:1,OTHER://b:2"],
        ["log.dirs": "/a,/a"], ["log.dirs": ""], ["num.partitions": "many"], ["num.partitions": "0"],
        ["process.roles": "controller"], ["auto.create.topics.enable": "perhaps"], ["node.id": "-1"],
    ])
    func refusesWhatCannotBe(properties: [String: String]) {
        #expect(throws: BrokerConfigurationError.self) { try BrokerConfiguration(properties: properties) }
    }

    @Test func namesTheMissingFile() {
        #expect(throws: BrokerConfigurationError.self) { try BrokerConfiguration(propertiesFile: "/no/such/file") }
    }
}

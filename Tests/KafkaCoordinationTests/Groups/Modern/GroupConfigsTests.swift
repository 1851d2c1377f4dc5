import KafkaMessages
import Testing

@testable import KafkaCoordination

@Suite struct GroupConfigsTests {
    private func set(
        _ world: inout ControllerWorld,
        _ name: String,
        _ value: String,
        group: String = "g"
    ) throws -> ErrorCode? {
        let change = IncrementalAlterConfigsRequest.AlterableConfig(name: name, configOperation: 0, value: value)
        let request = IncrementalAlterConfigsRequest(
            resources: [.init(resourceType: 32, resourceName: group, configs: [change])]
        )
        return try world.commit(world.controller.incrementalAlterConfigs(request)).responses.first?.errorCode
    }

    @Test func keepsTimesOfOneGroup() throws {
        var world = ControllerWorld()
        #expect(try set(&world, "consumer.session.timeout.ms", "50000") == ErrorCode.none)
        #expect(world.image.configs(of: .group, "g") == ["consumer.session.timeout.ms": "50000"])
        let timing = ModernSettings().timing(of: world.image.configs(of: .group, "g"))
        #expect(timing.sessionTimeoutMs == 50_000)
        #expect(timing.heartbeatIntervalMs == 5000)
    }

    @Test func staysWithinTheBrokersBounds() throws {
        var world = ControllerWorld()
        #expect(try set(&world, "consumer.session.timeout.ms", "1000") == .invalidConfig)
        #expect(try set(&world, "consumer.session.timeout.ms", "70000") == .invalidConfig)
        #expect(try set(&world, "consumer.heartbeat.interval.ms", "x") == .invalidConfig)
        #expect(try set(&world, "retention.ms", "1") == .invalidConfig)
        #expect(try set(&world, "consumer.session.timeout.ms", "50000", group: "") == .invalidRequest)
        #expect(world.image.configs(of: .group, "g").isEmpty)
    }
}

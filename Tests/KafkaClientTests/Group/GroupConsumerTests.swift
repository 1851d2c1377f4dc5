import KafkaClient
import Synchronization
import Testing

/// Group members against our own broker over loopback.
@Suite("Consumers in groups", .timeLimit(.minutes(2)))
struct GroupConsumerTests {
    static let topic = "orders"

    static func withTopic(
        partitions: Int32 = 4,
        _ body: @Sendable @escaping (KafkaCluster) async throws -> Void
    ) async throws {
        let properties = ["group.initial.rebalance.delay.ms": "0", "offsets.topic.num.partitions": "2"]
        try await BrokerFixture.withCluster(brokerProperties: properties) { cluster in
            try await BrokerFixture.create(NewTopic(topic, partitions: partitions), in: cluster)
            try await body(cluster)
        }
    }

    static func configuration(
        commits: Bool = true,
        strategy: AssignmentStrategy = .range,
        reset: OffsetResetPolicy = .earliest
    ) -> ConsumerConfiguration {
        var configuration = ConsumerConfiguration()
        configuration.offsetReset = reset
        var group = GroupConfiguration(id: "billing")
        group.strategies = [strategy]
        group.commitsAutomatically = commits
        group.heartbeatInterval = .milliseconds(100)
        configuration.group = group
        return configuration
    }

    static func partition(_ number: Int32) -> TopicPartition { TopicPartition(topic: topic, partition: number) }

    @Test(arguments: AssignmentStrategy.allCases)
    func goesOnWhereTheGroupLeftOff(strategy: AssignmentStrategy) async throws {
        try await Self.withTopic { cluster in
            try await BrokerFixture.write(10, to: Self.partition(0), in: cluster)
            let first = KafkaConsumer(cluster: cluster, configuration: Self.configuration(strategy: strategy))
            try first.subscribe(topics: [Self.topic])
            #expect(try await BrokerFixture.read(10, from: first) == (0..<10).map(String.init))
            #expect(first.assignment.count == 4)
            await first.close()
            try await BrokerFixture.write(5, startingWith: 10, to: Self.partition(0), in: cluster)
            let second = KafkaConsumer(cluster: cluster, configuration: Self.configuration(strategy: strategy))
            try second.subscribe(topics: [Self.topic])
            #expect(try await BrokerFixture.read(5, from: second) == (10..<15).map(String.init))
            await second.close()
        }
    }

    @Test func commitsByHandWithMetadata() async throws {
        try await Self.withTopic { cluster in
            try await BrokerFixture.write(10, to: Self.partition(1), in: cluster)
            let consumer = KafkaConsumer(cluster: cluster, configuration: Self.configuration(commits: false))
            try consumer.subscribe(topics: [Self.topic])
            _ = try await BrokerFixture.read(10, from: consumer)
            #expect(try await consumer.committed([Self.partition(1)]).isEmpty)
            try await consumer.commit([Self.partition(1): OffsetAndMetadata(4, metadata: "half way")])
            let found = try await consumer.committed([Self.partition(1), Self.partition(0)])
            #expect(found == [Self.partition(1): OffsetAndMetadata(4, metadata: "half way")])
            try await consumer.commit()
            #expect(try await consumer.committed([Self.partition(1)])[Self.partition(1)]?.offset == 10)
            await consumer.close()
        }
    }

    @Test func withoutACommittedOffsetNoneIsAnError() async throws {
        try await Self.withTopic(partitions: 1) { cluster in
            let consumer = KafkaConsumer(cluster: cluster, configuration: Self.configuration(reset: .none))
            try consumer.subscribe(topics: [Self.topic])
            let error = await #expect(throws: KafkaClientError.self) {
                _ = try await consumer.nextBatch(timeout: .seconds(20))
            }
            #expect(error?.code == .noCommittedOffset)
            await consumer.close()
        }
    }

    @Test func wakeupEndsAWaitingCall() async throws {
        try await Self.withTopic { cluster in
            let consumer = KafkaConsumer(cluster: cluster, configuration: Self.configuration())
            try consumer.subscribe(topics: [Self.topic])
            consumer.wakeup()
            let error = await #expect(throws: KafkaClientError.self) { _ = try await consumer.nextBatch() }
            #expect(error?.code == .wokenUp)
            await consumer.close()
        }
    }

    @Test func subscribingNeedsAGroup() async throws {
        try await Self.withTopic { cluster in
            let consumer = KafkaConsumer(cluster: cluster)
            let error = #expect(throws: KafkaClientError.self) { try consumer.subscribe(topics: [Self.topic]) }
            #expect(error?.code == .invalidArgument)
            await consumer.close()
        }
    }

    @Test func theClosureSeesPartitionsComeAndGoAndMaySeek() async throws {
        final class Log: Sendable {
            let events = Mutex<[RebalanceEvent]>([])
        }
        try await Self.withTopic(partitions: 1) { cluster in
            try await BrokerFixture.write(10, to: Self.partition(0), in: cluster)
            let log = Log()
            let consumer = KafkaConsumer(cluster: cluster, configuration: Self.configuration())
            try consumer.subscribe(topicsMatching: { $0.hasPrefix("ord") }) { event in
                log.events.withLock { $0.append(event) }
                if case .assigned(let partitions) = event {
                    for partition in partitions { try? consumer.seek(partition, to: .offset(7)) }
                }
            }
            #expect(try await BrokerFixture.read(3, from: consumer) == ["7", "8", "9"])
            await consumer.close()
            let all = [Self.partition(0)]
            #expect(log.events.withLock { $0.last } == .revoked(all))
            #expect(log.events.withLock { $0.contains(.assigned(all)) })
        }
    }
}

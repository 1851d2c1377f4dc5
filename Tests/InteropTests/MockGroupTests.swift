import KafkaClient
import KafkaMessages
import KafkaTestSupport
import NIOCore
import Synchronization
import Testing

/// Groups of our consumers whose coordinator others wrote.
@Suite("Our group members against librdkafka's mock cluster", .timeLimit(.minutes(2)))
struct MockGroupTests {
    typealias Consumer = KafkaConsumer

    static func withCluster(_ body: @Sendable @escaping (ClientConfiguration) async throws -> Void) async throws {
        try await MockClusterTests.with { addresses in
            var client = ClientConfiguration(bootstrapServers: try ServerAddress.parseList(addresses))
            // The mock offers flexible versions of these and reads them in the older layout.
            client.connection.versionLimits = [
                .joinGroup: 5, .syncGroup: 3, .heartbeat: 3, .leaveGroup: 2, .offsetCommit: 7, .txnOffsetCommit: 2,
            ]
            try await body(client)
        }
    }

    static func configuration(
        _ group: String,
        _ strategies: [AssignmentStrategy] = [.range, .cooperativeSticky],
        commits: Bool = true
    ) -> ConsumerConfiguration {
        var configuration = ConsumerConfiguration()
        configuration.offsetReset = .earliest
        configuration.group = GroupConfiguration(id: group)
        configuration.group?.strategies = strategies
        configuration.group?.heartbeatInterval = .milliseconds(200)
        configuration.group?.sessionTimeout = .seconds(6)
        configuration.group?.commitsAutomatically = commits
        return configuration
    }

    static func produce(_ values: Range<Int>, _ cluster: KafkaCluster, topic: String = "shared") async throws {
        try await KafkaProducer.withProducer(cluster) { producer in
            for value in values {
                _ = try await producer.enqueue(
                    ProducerRecord(
                        topic: topic,
                        key: ByteBuffer(string: "\(value)"),
                        value: ByteBuffer(string: "\(value)")
                    )
                )
            }
            await producer.flush()
        }
    }

    /// Reads until `count` values are there or nothing comes for a while.
    static func read(_ count: Int, _ consumer: KafkaConsumer, patience: Duration = .seconds(20)) async throws -> [Int] {
        var values: [Int] = []
        while values.count < count, let batch = try await consumer.nextBatch(timeout: patience) {
            var records = try batch.records()
            while let record = try records.next() {
                values.append(record.value.flatMap { Int(String(buffer: $0)) } ?? -1)
            }
        }
        return values
    }

    @Test(arguments: [AssignmentStrategy.range, .cooperativeSticky])
    func oneMemberReadsAllAndGoesOnWhereItLeftOff(strategy: AssignmentStrategy) async throws {
        try await Self.withCluster { client in
            try await KafkaCluster.withCluster(client) { cluster in
                try await Self.produce(0..<500, cluster)
                let first = Consumer(cluster: cluster, configuration: Self.configuration("g", [strategy]))
                try first.subscribe(topics: ["shared"])
                #expect(try await Self.read(500, first).sorted() == Array(0..<500))
                await first.close()
                try await Self.produce(500..<600, cluster)
                let second = Consumer(cluster: cluster, configuration: Self.configuration("g", [strategy]))
                try second.subscribe(topics: ["shared"])
                #expect(try await Self.read(100, second).sorted() == Array(500..<600))
                let committed = try await second.committed(second.assignment)
                // What has been read meanwhile may be committed already: that goes by the clock.
                #expect((500...600).contains(committed.values.reduce(0) { $0 + $1.offset }))
                try await second.commit()
                let after = try await second.committed(second.assignment)
                #expect(after.values.reduce(0) { $0 + $1.offset } == 600)
                await second.close()
            }
        }
    }

    /// What several members have read.
    final class Tally: Sendable {
        private let state = Mutex((values: [Int](), isOver: false))

        var values: [Int] { state.withLock { $0.values } }
        var isOver: Bool { state.withLock { $0.isOver } }

        func add(_ value: Int) { state.withLock { $0.values.append(value) } }
        func end() { state.withLock { $0.isOver = true } }
    }

    /// Reads as a member until the tally is over, or so many values were read.
    ///
    /// A member that the mock turns away begins anew, as librdkafka's own do: once it has the leader's assignment it
    /// refuses the SyncGroup of members that were slower (INVALID_REQUEST).
    static func takePart(
        _ client: ClientConfiguration,
        _ configuration: ConsumerConfiguration,
        _ tally: Tally,
        limit: Int = .max
    ) async throws {
        try await KafkaCluster.withCluster(client) { cluster in
            var count = 0
            while !tally.isOver, count < limit {
                let consumer = Consumer(cluster: cluster, configuration: configuration)
                try consumer.subscribe(topics: ["shared"])
                do {
                    while !tally.isOver, count < limit {
                        guard let batch = try await consumer.nextBatch(timeout: .milliseconds(200)) else { continue }
                        var records = try batch.records()
                        while let record = try records.next() {
                            tally.add(record.value.flatMap { Int(String(buffer: $0)) } ?? -1)
                            count += 1
                        }
                    }
                } catch let error as KafkaClientError where error.brokerError == .invalidRequest {
                } catch {
                    tally.end()
                    throw error
                }
                await consumer.close()
            }
        }
    }

    /// Two members share; one goes, the other takes over. Records may be read twice: unlike brokers, the mock refuses
    /// commits while a group gathers, which is when members give their partitions back.
    @Test(arguments: [AssignmentStrategy.sticky, .cooperativeSticky])
    func membersComeAndGo(strategy: AssignmentStrategy) async throws {
        try await Self.withCluster { client in
            try await KafkaCluster.withCluster(client) { writing in
                try await Self.produce(0..<300, writing)
                let tally = Tally()
                let configuration = Self.configuration("g", [strategy])
                async let first: Void = Self.takePart(client, configuration, tally)
                async let second: Void = Self.takePart(client, configuration, tally, limit: 20)
                var next = 300
                while !tally.isOver, Set(tally.values).count < next || next < 1500 {
                    if next < 1500 {
                        try await Self.produce(next..<next + 100, writing)
                        next += 100
                    }
                    try await Task.sleep(for: .milliseconds(100))
                }
                tally.end()
                _ = try await (first, second)
                #expect(Set(tally.values) == Set(0..<1500))
            }
        }
    }
}

import KafkaClient
import KafkaTestSupport
import NIOCore
import Synchronization
import Testing

/// Consume, transform, produce: two workers of one group move records in transactions of which some are aborted, and in
/// the middle of which workers crash, against our own broker.
@Suite("Exactly once, with our own client", .timeLimit(.minutes(2)))
struct TransactionalLoopTests {
    static let inputs = 64
    static let partitions: Int32 = 4
    static let properties = [
        "group.initial.rebalance.delay.ms": "0", "group.min.session.timeout.ms": "100",
        "group.consumer.min.session.timeout.ms": "100", "group.consumer.session.timeout.ms": "2000",
        "group.consumer.min.heartbeat.interval.ms": "50", "group.consumer.heartbeat.interval.ms": "200",
        "offsets.topic.num.partitions": "2", "transaction.state.log.num.partitions": "2",
    ]

    /// What the workers know of each other.
    final class Work: Sendable {
        private let counts = Mutex((aborts: 0, crashes: 0, isOver: false))

        var isOver: Bool { counts.withLock { $0.isOver } }
        var aborts: Int { counts.withLock { $0.aborts } }
        var crashes: Int { counts.withLock { $0.crashes } }
        func noteAbort() { counts.withLock { $0.aborts += 1 } }
        func noteCrash() { counts.withLock { $0.crashes += 1 } }
        func end() { counts.withLock { $0.isOver = true } }
    }

    struct Worker {
        var name: String
        var client: ClientConfiguration
        var groupProtocol: GroupProtocol
        var chance: SeededGenerator
        let work: Work

        /// Lives until the work is over; a life that ends early is followed by another.
        mutating func run() async throws {
            while !work.isOver {
                let cluster = KafkaCluster(configuration: client)
                let consumer = KafkaConsumer(cluster: cluster, configuration: consumerConfiguration)
                var configuration = ProducerConfiguration()
                configuration.transactionalID = name
                let producer = try KafkaProducer(cluster: cluster, configuration: configuration)
                var failure: (any Error)?
                do {
                    try await live(cluster, consumer, producer)
                } catch let error as KafkaClientError where error.code == .fenced || error.code == .closed {
                    // A crash, or the session of a member that was thought dead: the next life takes over.
                } catch {
                    failure = error
                }
                await consumer.close()
                await producer.close(within: .zero)
                await cluster.close()
                if let failure { throw failure }
            }
        }

        private var consumerConfiguration: ConsumerConfiguration {
            var configuration = ConsumerConfiguration()
            configuration.offsetReset = .earliest
            var group = GroupConfiguration(id: "movers")
            group.groupProtocol = groupProtocol
            group.sessionTimeout = .seconds(2)
            group.heartbeatInterval = .milliseconds(200)
            group.commitsAutomatically = false
            configuration.group = group
            return configuration
        }

        private mutating func live(
            _ cluster: KafkaCluster,
            _ consumer: KafkaConsumer,
            _ producer: KafkaProducer
        ) async throws {
            try await producer.initTransactions()
            try consumer.subscribe(topics: ["in"])
            while !work.isOver {
                guard let batch = try await consumer.nextBatch(timeout: .milliseconds(100)) else { continue }
                try producer.beginTransaction()
                var records = try batch.records()
                while let record = try records.next() {
                    _ = try await producer.enqueue(ProducerRecord(topic: "out", value: record.value))
                }
                let fate = Int.random(in: 0..<100, using: &chance)
                if fate < 8 {
                    // Half of the crashes come after the records have been written.
                    if fate < 4 { await producer.flush() }
                    work.noteCrash()
                    return await cluster.close()
                }
                do throws(KafkaClientError) {
                    let group = consumer.groupMetadata ?? GroupMetadata(groupID: "movers")
                    try await producer.sendOffsets(consumer.handedOutOffsets, group: group)
                    if fate < 30 {
                        await producer.flush()
                        throw KafkaClientError(.transactionAborted, "Chance wants it so.")
                    }
                    try await producer.commitTransaction()
                } catch {
                    guard error.code != .fenced else { throw error }
                    work.noteAbort()
                    try await producer.abortTransaction()
                    for partition in consumer.assignment { try? consumer.seek(partition, to: .committed) }
                }
            }
        }
    }

    static func read(_ cluster: KafkaCluster, _ level: IsolationLevel, atLeast count: Int) async throws -> [String] {
        var configuration = ConsumerConfiguration()
        configuration.isolationLevel = level
        let consumer = KafkaConsumer(cluster: cluster, configuration: configuration)
        try await consumer.assign(topics: ["out"], from: .beginning)
        var values = try await BrokerFixture.read(count, from: consumer)
        while let batch = try await consumer.nextBatch(timeout: .milliseconds(500)) {
            var records = try batch.records()
            while let record = try records.next() { values.append(record.value.map { String(buffer: $0) } ?? "") }
        }
        await consumer.close()
        return values
    }

    @Test(arguments: [(GroupProtocol.classic, UInt64(1)), (.consumer, 2)])
    func everyInputComesOutOnce(groupProtocol: GroupProtocol, seed: UInt64) async throws {
        try await BrokerFixture.withCluster(brokerProperties: Self.properties) { cluster in
            try await BrokerFixture.create(NewTopic("in", partitions: Self.partitions), in: cluster)
            try await BrokerFixture.create(NewTopic("out", partitions: 2), in: cluster)
            let share = Self.inputs / Int(Self.partitions)
            for partition in 0..<Self.partitions {
                try await BrokerFixture.write(
                    share,
                    startingWith: Int(partition) * share,
                    to: TopicPartition(topic: "in", partition: partition),
                    in: cluster
                )
            }
            let work = Work()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<2 {
                    var worker = Worker(
                        name: "mover-\(number)",
                        client: cluster.configuration,
                        groupProtocol: groupProtocol,
                        chance: SeededGenerator(seed: seed << 8 + UInt64(number)),
                        work: work
                    )
                    group.addTask { try await worker.run() }
                }
                group.addTask {
                    defer { work.end() }
                    let all = (0..<Self.partitions).map { TopicPartition(topic: "in", partition: $0) }
                    var configuration = ConsumerConfiguration()
                    configuration.group = GroupConfiguration(id: "movers")
                    let observer = KafkaConsumer(cluster: cluster, configuration: configuration)
                    while try await observer.committed(all).values.reduce(0, { $0 + $1.offset }) < Self.inputs {
                        try await Task.sleep(for: .milliseconds(50))
                    }
                    await observer.close()
                }
                try await group.waitForAll()
            }
            let committed = try await Self.read(cluster, .readCommitted, atLeast: Self.inputs)
            #expect(committed.compactMap { Int($0) }.sorted() == Array(0..<Self.inputs), "seed \(seed)")
            let everything = try await Self.read(cluster, .readUncommitted, atLeast: Self.inputs)
            #expect(everything.count >= Self.inputs + work.aborts / 2, "\(work.aborts) aborts, \(work.crashes) crashes")
        }
    }
}

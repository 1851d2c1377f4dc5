import KafkaClient
import KafkaMessages
import NIOCore
import Synchronization
import Testing

/// Members whose broker assigns partitions (KIP-848) against our own broker over loopback.
@Suite("Consumers in groups whose broker assigns", .timeLimit(.minutes(2)))
struct ConsumerProtocolGroupTests {
    static let topic = "orders"
    static let everything = Set((0..<4).map { TopicPartition(topic: topic, partition: $0) })

    /// - Parameter sessionMs: after how long the broker takes a silent member for dead. Short only where a member is to be
    ///   missed: a machine under load makes others silent too.
    static func withTopic(
        sessionMs: Int = 45_000,
        _ body: @Sendable @escaping (KafkaCluster) async throws -> Void
    ) async throws {
        let properties = [
            "group.consumer.min.session.timeout.ms": "100", "group.consumer.session.timeout.ms": "\(sessionMs)",
            "group.consumer.min.heartbeat.interval.ms": "50", "group.consumer.heartbeat.interval.ms": "100",
            "offsets.topic.num.partitions": "2",
        ]
        try await BrokerFixture.withCluster(brokerProperties: properties) { cluster in
            try await BrokerFixture.create(NewTopic(topic, partitions: 4), in: cluster)
            try await body(cluster)
        }
    }

    static func configuration(_ change: (inout GroupConfiguration) -> Void = { _ in }) -> ConsumerConfiguration {
        var configuration = ConsumerConfiguration()
        configuration.offsetReset = .earliest
        var group = GroupConfiguration(id: "billing")
        group.groupProtocol = .consumer
        change(&group)
        configuration.group = group
        return configuration
    }

    /// What the members of a group have and have read, and whether a partition ever had two readers.
    final class Ledger: Sendable {
        private struct State {
            var owners: [TopicPartition: String] = [:]
            var events: [String: [RebalanceEvent]] = [:]
            var values: [String] = []
            var problems: [String] = []
            var stopped: Set<String> = []
        }

        private let state = Mutex(State())

        func note(_ event: RebalanceEvent, of member: String) {
            state.withLock { state in
                state.events[member, default: []].append(event)
                switch event {
                case .assigned(let partitions):
                    for partition in partitions {
                        if let other = state.owners[partition] {
                            state.problems.append("\(partition) of \(other) was given to \(member)")
                        }
                        state.owners[partition] = member
                    }
                case .revoked(let partitions), .lost(let partitions):
                    for partition in partitions where state.owners[partition] == member {
                        state.owners[partition] = nil
                    }
                }
            }
        }

        func note(_ value: String) { state.withLock { $0.values.append(value) } }
        func stop(_ member: String) { state.withLock { _ = $0.stopped.insert(member) } }
        func isStopped(_ member: String) -> Bool { state.withLock { $0.stopped.contains(member) } }
        func forget(_ member: String) { state.withLock { $0.owners = $0.owners.filter { $0.value != member } } }

        func partitions(of member: String) -> Set<TopicPartition> {
            state.withLock { state in Set(state.owners.filter { $0.value == member }.keys) }
        }

        func events(of member: String) -> [RebalanceEvent] { state.withLock { $0.events[member] ?? [] } }
        var values: [String] { state.withLock { $0.values } }
        var problems: [String] { state.withLock { $0.problems } }
    }

    /// Reads as a member until the ledger says stop.
    static func takePart(
        _ name: String,
        _ cluster: KafkaCluster,
        _ ledger: Ledger,
        _ configuration: ConsumerConfiguration = Self.configuration()
    ) async throws {
        let consumer = KafkaConsumer(cluster: cluster, configuration: configuration)
        try consumer.subscribe(topics: [topic]) { ledger.note($0, of: name) }
        while !ledger.isStopped(name) {
            guard let batch = try await consumer.nextBatch(timeout: .milliseconds(50)) else { continue }
            var records = try batch.records()
            while let record = try records.next() { ledger.note(record.value.map { String(buffer: $0) } ?? "null") }
        }
        await consumer.close()
    }

    static func eventually(_ what: String, _ condition: () -> Bool) async throws {
        for _ in 0..<1_500 {
            if condition() { return }
            try await Task.sleep(for: .milliseconds(20))
        }
        Issue.record("it never came to this: \(what)")
    }

    enum Choice: CaseIterable {
        case names
        case closure
        case expression
    }

    @Test(arguments: Choice.allCases)
    func goesOnWhereTheGroupLeftOff(choice: Choice) async throws {
        try await Self.withTopic { cluster in
            func subscribed() throws -> KafkaConsumer {
                let consumer = KafkaConsumer(cluster: cluster, configuration: Self.configuration())
                switch choice {
                case .names: try consumer.subscribe(topics: [Self.topic])
                case .closure: try consumer.subscribe(topicsMatching: { $0.hasPrefix("ord") })
                case .expression: try consumer.subscribe(expression: "o[rd]+ers?")
                }
                return consumer
            }
            let partition = TopicPartition(topic: Self.topic, partition: 2)
            try await BrokerFixture.write(10, to: partition, in: cluster)
            let first = try subscribed()
            #expect(try await BrokerFixture.read(10, from: first) == (0..<10).map(String.init))
            #expect(first.assignment.count == 4)
            await first.close()
            try await BrokerFixture.write(5, startingWith: 10, to: partition, in: cluster)
            let second = try subscribed()
            #expect(try await BrokerFixture.read(5, from: second) == (10..<15).map(String.init))
            await second.close()
        }
    }

    @Test func anExpressionThatTheBrokerRefuses() async throws {
        try await Self.withTopic { cluster in
            let consumer = KafkaConsumer(cluster: cluster, configuration: Self.configuration())
            try consumer.subscribe(expression: "(orders")
            let error = await #expect(throws: KafkaClientError.self) {
                _ = try await consumer.nextBatch(timeout: .seconds(20))
            }
            #expect(error?.brokerError == .invalidRegularExpression)
            // Another subscription is another try.
            try await BrokerFixture.write(1, to: TopicPartition(topic: Self.topic, partition: 0), in: cluster)
            try consumer.subscribe(expression: "orders")
            #expect(try await BrokerFixture.read(1, from: consumer) == ["0"])
            await consumer.close()
        }
    }

    /// A partition has one reader at a time, and after a clean handover nothing is read twice.
    @Test func membersShareAndTakeOver() async throws {
        try await Self.withTopic { cluster in
            let ledger = Ledger()
            async let first: Void = Self.takePart("first", cluster, ledger)
            try await Self.eventually("one has all") { ledger.partitions(of: "first") == Self.everything }
            async let writing: Void = {
                for partition in 0..<4 {
                    try await BrokerFixture.write(
                        50,
                        startingWith: partition * 50,
                        to: TopicPartition(topic: Self.topic, partition: Int32(partition)),
                        in: cluster
                    )
                }
            }()
            async let second: Void = Self.takePart("second", cluster, ledger)
            try await Self.eventually("each has half") {
                ledger.partitions(of: "first").count == 2 && ledger.partitions(of: "second").count == 2
            }
            try await writing
            try await Self.eventually("all is read") { Set(ledger.values).count == 200 }
            ledger.stop("first")
            try await first
            try await Self.eventually("the other has all") { ledger.partitions(of: "second") == Self.everything }
            ledger.stop("second")
            try await second
            #expect(ledger.problems.isEmpty)
            #expect(ledger.values.count == 200, "read twice")
            for name in ["first", "second"] {
                #expect(!ledger.events(of: name).contains { if case .lost = $0 { true } else { false } })
                #expect(ledger.partitions(of: name).isEmpty)
            }
        }
    }

    @Test func aMemberThatCrashesIsMissed() async throws {
        try await Self.withTopic(sessionMs: 3_000) { cluster in
            let ledger = Ledger()
            async let first: Void = Self.takePart("first", cluster, ledger)
            let doomed = KafkaCluster(configuration: cluster.configuration)
            let crashed = KafkaConsumer(cluster: doomed, configuration: Self.configuration())
            try crashed.subscribe(topics: [Self.topic]) { ledger.note($0, of: "crashed") }
            func isShared() -> Bool {
                ["first", "crashed"].allSatisfy { ledger.partitions(of: $0).count == 2 }
            }
            for _ in 0..<1_000 where !isShared() { _ = try await crashed.nextBatch(timeout: .milliseconds(20)) }
            #expect(isShared())
            // Its connections go, and no word is said.
            await doomed.close()
            ledger.forget("crashed")
            try await Self.eventually("the survivor has all") { ledger.partitions(of: "first") == Self.everything }
            await crashed.close()
            ledger.stop("first")
            try await first
            #expect(ledger.problems.isEmpty)
        }
    }

    /// An application that does not ask for records loses its partitions, and gets some again when it asks.
    @Test func anApplicationThatStaysAwayComesBack() async throws {
        try await Self.withTopic { cluster in
            let ledger = Ledger()
            let dreamer = KafkaConsumer(
                cluster: cluster,
                configuration: Self.configuration { $0.maxPollInterval = .milliseconds(500) }
            )
            try dreamer.subscribe(topics: [Self.topic]) { ledger.note($0, of: "dreamer") }
            for _ in 0..<1_000 where ledger.partitions(of: "dreamer").count < 4 {
                _ = try await dreamer.nextBatch(timeout: .milliseconds(20))
            }
            let seen = ledger.events(of: "dreamer").count
            // The dreamer does not ask; what it has is not its own any more once the other has it.
            ledger.forget("dreamer")
            async let other: Void = Self.takePart("other", cluster, ledger)
            try await Self.eventually("the other has all") { ledger.partitions(of: "other") == Self.everything }
            for _ in 0..<1_000 where ledger.partitions(of: "dreamer").count < 2 {
                _ = try await dreamer.nextBatch(timeout: .milliseconds(20))
            }
            var gone: [TopicPartition] = []
            for event in ledger.events(of: "dreamer").dropFirst(seen) {
                switch event {
                // What the broker wanted back before the dreamer was given up.
                case .revoked(let partitions): gone += partitions
                case .lost(let partitions): gone += partitions
                case .assigned(let partitions): if gone.count < 4 { #expect(partitions.isEmpty) }
                }
            }
            #expect(gone.sorted() == Self.everything.sorted())
            await dreamer.close()
            ledger.stop("other")
            try await other
            #expect(ledger.problems.isEmpty)
        }
    }
}

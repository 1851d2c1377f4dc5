import KafkaClient
import NIOCore
import NIOPosix
import Testing

/// How a client finds its cluster, and what it says when it does not.
@Suite struct KafkaClusterTests {
    /// A port that nobody listens on.
    private func freePort() async throws -> Int {
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "127.0.0.1", port: 0).get()
        let port = channel.localAddress?.port ?? 0
        try await channel.close().get()
        return port
    }

    @Test func aRefusedConnectionIsReportedAtOnce() async throws {
        let port = try await freePort()
        let configuration = ClientConfiguration(bootstrapServers: [ServerAddress(host: "127.0.0.1", port: port)])
        let start = ContinuousClock.now
        let error = await #expect(throws: KafkaClientError.self) {
            try await KafkaCluster.withCluster(configuration) { try await KafkaAdmin(cluster: $0).listTopics() }
        }
        #expect(error?.code == .noBootstrapServer)
        #expect(error?.message.contains("127.0.0.1:\(port)") == true)
        #expect(error?.message.contains("refused") == true)
        #expect(ContinuousClock.now - start < .seconds(10))
    }

    @Test func severalServersAreTriedInTurn() async throws {
        let dead = try await freePort()
        try await BrokerFixture.withCluster { cluster in
            var configuration = cluster.configuration
            configuration.bootstrapServers.insert(ServerAddress(host: "127.0.0.1", port: dead), at: 0)
            let names = try await KafkaCluster.withCluster(configuration) { other in
                try await KafkaAdmin(cluster: other).listTopics()
            }
            #expect(names.isEmpty)
        }
    }

    @Test func allFailuresAreTold() async throws {
        let first = try await freePort()
        let servers = [
            ServerAddress(host: "127.0.0.1", port: first), ServerAddress(host: "no-such-host.invalid", port: 9092),
        ]
        let error = await #expect(throws: KafkaClientError.self) {
            try await KafkaCluster.withCluster(ClientConfiguration(bootstrapServers: servers)) { cluster in
                try await KafkaAdmin(cluster: cluster).describeCluster()
            }
        }
        #expect(error?.message.contains("None of the 2 bootstrap servers") == true)
        #expect(error?.message.contains("127.0.0.1:\(first)") == true)
        #expect(error?.message.contains("no-such-host.invalid") == true)
    }

    @Test func anAdvertisedAddressThatLeadsNowhereIsNamed() async throws {
        let broker = ["advertised.listeners": "PLAINTEXT://no-such-host.invalid:0"]
        try await BrokerFixture.withCluster(brokerProperties: broker) { cluster in
            // What any broker can answer goes over the bootstrap connection.
            let description = try await KafkaAdmin(cluster: cluster).describeCluster()
            let node = try #require(description.brokers.first)
            let versions = try await KafkaAdmin(cluster: cluster).apiVersions(timeout: .seconds(3))
            let failure = #expect(throws: KafkaClientError.self) { try versions[node]?.get() }
            #expect(failure?.code == .connectionFailed)
            #expect(failure?.message.contains("no-such-host.invalid:\(node.port)") == true)
            #expect(failure?.message.contains("advertised by broker \(node.id)") == true)
            #expect(failure?.message.contains("advertised.listeners") == true)
        }
    }

    @Test func afterClosingEverythingIsRefused() async throws {
        try await BrokerFixture.withCluster { cluster in
            _ = try await KafkaAdmin(cluster: cluster).listTopics()
            await cluster.close()
            let error = await #expect(throws: KafkaClientError.self) {
                try await KafkaAdmin(cluster: cluster).listTopics()
            }
            #expect(error?.code == .closed)
        }
    }

    @Test func manyCallsShareWhatIsAskedOnce() async throws {
        try await BrokerFixture.withCluster { cluster in
            try await BrokerFixture.create(NewTopic("t", partitions: 1), in: cluster)
            try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<50 {
                    group.addTask { try await cluster.topic("t", deadline: .after(.seconds(20))).partitions.count }
                }
                for try await count in group {
                    #expect(count == 1)
                }
            }
        }
    }
}

@Suite struct ChangeSignalTests {
    private let loop = MultiThreadedEventLoopGroup.singleton.any()

    @Test func aChangeBeforeTheWaitIsNotMissed() async {
        let signal = ChangeSignal(eventLoop: loop)
        let seen = signal.version
        signal.notify()
        #expect(await signal.wait(past: seen))
    }

    @Test func timeRunsOut() async {
        let signal = ChangeSignal(eventLoop: loop)
        #expect(await signal.wait(past: signal.version, untilMs: MonotonicClock.nowMs + 5) == false)
        #expect(await signal.wait(past: signal.version, untilMs: MonotonicClock.nowMs - 5) == false)
    }

    @Test func manyWaitersWakeAndCancelledOnesLeave() async {
        let signal = ChangeSignal(eventLoop: loop)
        let cancelled = Task { await signal.wait(past: 1_000) }
        cancelled.cancel()
        #expect(await cancelled.value == false)
        let woken = await withTaskGroup(of: Bool.self) { group in
            let seen = signal.version
            for _ in 0..<100 {
                group.addTask { await signal.wait(past: seen, untilMs: MonotonicClock.nowMs + 20_000) }
            }
            signal.notify()
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(woken == 100)
    }
}

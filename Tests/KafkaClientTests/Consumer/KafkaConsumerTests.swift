import KafkaClient
import NIOCore
import Testing

/// A consumer against our own broker, over loopback.
@Suite struct KafkaConsumerTests {
    private let first = TopicPartition(topic: "t", partition: 0)
    private let second = TopicPartition(topic: "t", partition: 1)

    /// Runs a broker with a topic `t` of two partitions, ten records in the first, and a consumer.
    private func withConsumer(
        _ configuration: ConsumerConfiguration = ConsumerConfiguration(),
        configure: @Sendable (inout ClientConfiguration) -> Void = { _ in },
        _ body: @Sendable @escaping (KafkaConsumer, KafkaCluster) async throws -> Void
    ) async throws {
        let first = first
        try await BrokerFixture.withCluster(configure: configure) { cluster in
            try await BrokerFixture.create(NewTopic("t", partitions: 2), in: cluster)
            try await BrokerFixture.write(10, to: first, in: cluster)
            let consumer = KafkaConsumer(cluster: cluster, configuration: configuration)
            do {
                try await body(consumer, cluster)
                await consumer.close()
            } catch {
                await consumer.close()
                throw error
            }
        }
    }

    @Test(arguments: [
        (StartPosition.beginning, 0), (.offset(4), 4), (.timestamp(6500), 7), (.timestamp(0), 0), (.beforeEnd(3), 7),
        (.beforeEnd(99), 0),
    ])
    func startsWhereTold(start: StartPosition, expected: Int) async throws {
        try await withConsumer { consumer, _ in
            consumer.assign([self.first: start])
            let values = try await BrokerFixture.read(10 - expected, from: consumer)
            #expect(values == (expected..<10).map(String.init))
            #expect(consumer.position(of: self.first) == 10)
            #expect(consumer.endOffset(of: self.first) == 10)
            #expect(consumer.beginningOffset(of: self.first) == 0)
            #expect(consumer.hasReachedEnd)
        }
    }

    @Test(arguments: [StartPosition.end, .timestamp(1_000_000), .beforeEnd(0)])
    func startsAtTheEnd(start: StartPosition) async throws {
        try await withConsumer { consumer, cluster in
            consumer.assign([self.first: start])
            while consumer.position(of: self.first) == nil {
                #expect(try await consumer.nextBatch(timeout: .milliseconds(10)) == nil)
            }
            try await BrokerFixture.write(2, startingWith: 50, to: self.first, in: cluster)
            #expect(try await BrokerFixture.read(2, from: consumer) == ["50", "51"])
        }
    }

    /// Several batches come at once: each says where reading stands in it, not where it stood before all of them.
    @Test func batchesSayWhereReadingStands() async throws {
        try await withConsumer { consumer, cluster in
            try await BrokerFixture.write(2, startingWith: 10, to: self.first, in: cluster)
            try await BrokerFixture.write(3, startingWith: 12, to: self.first, in: cluster)
            consumer.assign([self.first: .offset(4)])
            var standing: Int64 = 4
            while standing < 15 {
                let batch = try #require(try await consumer.nextBatch())
                #expect(batch.fromOffset == standing)
                standing = batch.nextOffset
            }
        }
    }

    @Test func readsWholeTopicsAndTellsOfRecords() async throws {
        try await withConsumer { consumer, cluster in
            try await BrokerFixture.write(5, startingWith: 20, to: self.second, in: cluster)
            try await consumer.assign(topics: ["t"], from: .beginning)
            var offsets: [TopicPartition: [Int64]] = [:]
            var seen = 0
            for try await record in consumer.records {
                offsets[record.partition, default: []].append(record.offset)
                #expect(record.timestampMs == (record.partition == self.first ? 0 : 20_000) + record.offset * 1000)
                seen += 1
                if seen == 15 { break }
            }
            #expect(offsets[self.first] == Array(0..<10))
            #expect(offsets[self.second] == Array(0..<5))
        }
    }

    @Test func readsTopicsChosenByName() async throws {
        try await withConsumer { consumer, cluster in
            try await BrokerFixture.create(NewTopic("other", partitions: 1), in: cluster)
            let chosen = try await consumer.assign(topicsMatching: { $0.hasPrefix("t") }, from: .beginning)
            #expect(chosen == ["t"])
            #expect(consumer.assignment == [self.first, self.second])
            let values = try await BrokerFixture.read(10, from: consumer)
            #expect(values.count == 10)
        }
    }

    @Test func noticesPartitionsThatAreAdded() async throws {
        try await withConsumer(configure: { $0.metadata.maxAge = .milliseconds(100) }) { consumer, cluster in
            try await consumer.assign(topics: ["t"], from: .end)
            let added = try await KafkaAdmin(cluster: cluster).createPartitions(["t": NewPartitions(totalCount: 3)])
            try added["t"]?.get()
            let third = TopicPartition(topic: "t", partition: 2)
            try await BrokerFixture.write(3, startingWith: 70, to: third, in: cluster)
            #expect(try await BrokerFixture.read(3, from: consumer) == ["70", "71", "72"])
        }
    }

    @Test func seeksAndPauses() async throws {
        try await withConsumer { consumer, cluster in
            try await BrokerFixture.write(1, startingWith: 33, to: self.second, in: cluster)
            consumer.assign([self.first: .beginning])
            let values = try await BrokerFixture.read(10, from: consumer)
            #expect(values.count == 10)
            try consumer.seek(self.first, to: .offset(8))
            #expect(try await BrokerFixture.read(2, from: consumer) == ["8", "9"])
            consumer.pause([self.first])
            try consumer.seek(self.first, to: .beginning)
            consumer.assign([self.second: .beginning])
            #expect(try await BrokerFixture.read(1, from: consumer) == ["33"])
            #expect(try await consumer.nextBatch(timeout: .milliseconds(50)) == nil)
            consumer.resume([self.first])
            #expect(try await BrokerFixture.read(10, from: consumer) == (0..<10).map(String.init))
            consumer.unassign([self.first])
            #expect(consumer.assignment == [self.second])
            #expect(throws: KafkaClientError.self) { try consumer.seek(self.first, to: .end) }
        }
    }

    @Test func anOffsetOutOfRangeFollowsThePolicy() async throws {
        var configuration = ConsumerConfiguration()
        configuration.offsetReset = .earliest
        try await withConsumer(configuration) { consumer, _ in
            consumer.assign([self.first: .offset(1_000)])
            let values = try await BrokerFixture.read(10, from: consumer)
            #expect(values.first == "0")
        }
    }

    @Test func anOffsetOutOfRangeWithoutPolicyIsAnError() async throws {
        var configuration = ConsumerConfiguration()
        configuration.offsetReset = .none
        try await withConsumer(configuration) { consumer, _ in
            consumer.assign([self.first: .offset(1_000)])
            let error = await #expect(throws: KafkaClientError.self) { () async throws in
                try await consumer.nextBatch()
            }
            #expect(error?.code == .offsetOutOfRange)
            #expect(error?.message.contains("Offset 1000 of t-0") == true)
            try consumer.seek(self.first, to: .offset(9))
            #expect(try await BrokerFixture.read(1, from: consumer) == ["9"])
        }
    }

    @Test(arguments: [true, false])
    func readsWithLittleMemory(usesSessions: Bool) async throws {
        var configuration = ConsumerConfiguration()
        configuration.queuedBytes = 1
        configuration.maxPartitionFetchBytes = 1
        configuration.fetchMaxBytes = 1
        configuration.usesFetchSessions = usesSessions
        try await withConsumer(configuration) { consumer, cluster in
            try await BrokerFixture.write(10, startingWith: 20, to: self.second, in: cluster)
            try await consumer.assign(topics: ["t"], from: .beginning)
            let values = try await BrokerFixture.read(20, from: consumer)
            #expect(Set(values) == Set(((0..<10).map { $0 } + (20..<30).map { $0 }).map { "\($0)" }))
        }
    }

    @Test func unknownTopicsAreAnError() async throws {
        try await withConsumer { consumer, _ in
            let error = await #expect(throws: KafkaClientError.self) {
                try await consumer.assign(topics: ["nope"], from: .beginning, timeout: .seconds(5))
            }
            #expect(error?.code == .unknownTopic)
            #expect(error?.message.contains("'nope'") == true)
        }
    }

    @Test func closingWakesWhoWaits() async throws {
        try await withConsumer { consumer, _ in
            consumer.assign([self.second: .beginning])
            let waiting = Task { try await consumer.nextBatch() }
            while consumer.position(of: self.second) == nil {
                await Task.yield()
            }
            await consumer.close()
            await #expect(throws: KafkaClientError.self) { try await waiting.value }
        }
    }

    @Test func aCancelledWaitEnds() async throws {
        try await withConsumer { consumer, _ in
            consumer.assign([self.second: .beginning])
            let task = Task { try await consumer.nextBatch() }
            while consumer.position(of: self.second) == nil {
                await Task.yield()
            }
            task.cancel()
            let error = await #expect(throws: KafkaClientError.self) { try await task.value }
            #expect(error?.code == .cancelled)
        }
    }
}

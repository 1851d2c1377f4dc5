import KafkaClient
import KafkaMessages
import KafkaWire
import Testing

/// Administrative calls against our own broker, over loopback.
@Suite struct KafkaAdminTests {
    private func withAdmin(
        _ body: @Sendable @escaping (KafkaAdmin, KafkaCluster) async throws -> Void
    ) async throws {
        try await BrokerFixture.withCluster { cluster in
            try await body(KafkaAdmin(cluster: cluster), cluster)
        }
    }

    @Test func topicsComeAndGo() async throws {
        try await withAdmin { admin, _ in
            let created = try await admin.createTopics([
                NewTopic("b", partitions: 3, replicationFactor: 1, configs: ["retention.ms": "1000"]),
                NewTopic("a"),
                NewTopic("bad name"),
            ])
            let b = try created["b"]?.get()
            #expect(b?.partitions == 3)
            #expect(b?.id != .zero)
            #expect(throws: Never.self) { try created["a"]?.get() }
            let error = #expect(throws: KafkaClientError.self) { try created["bad name"]?.get() }
            #expect(error?.brokerError == .invalidTopic)

            let names = try await admin.listTopics().map(\.name)
            #expect(names == ["a", "b"])

            let again = try await admin.createTopics([NewTopic("b")])
            let exists = #expect(throws: KafkaClientError.self) { try again["b"]?.get() }
            #expect(exists?.brokerError == .topicAlreadyExists)

            let deleted = try await admin.deleteTopics(["a", "nope"])
            try deleted["a"]?.get()
            let unknown = #expect(throws: KafkaClientError.self) { try deleted["nope"]?.get() }
            #expect(unknown?.code == .unknownTopic)
            let left = try await admin.listTopics().map(\.name)
            #expect(left == ["b"])
        }
    }

    @Test func validatingCreatesNothing() async throws {
        try await withAdmin { admin, _ in
            let checked = try await admin.createTopics([NewTopic("t", partitions: 2)], validateOnly: true)
            #expect(throws: Never.self) { try checked["t"]?.get() }
            #expect(try await admin.listTopics().isEmpty)
        }
    }

    @Test func describesTopicsPageByPage() async throws {
        try await withAdmin { admin, _ in
            _ = try await admin.createTopics([NewTopic("a", partitions: 5), NewTopic("b", partitions: 4)])
            let descriptions = try await admin.describeTopics(["b", "a", "nope"], partitionsPerPage: 2)
            let a = try #require(try descriptions["a"]?.get())
            let b = try #require(try descriptions["b"]?.get())
            #expect(a.partitions.map(\.metadata.index) == [0, 1, 2, 3, 4])
            #expect(b.partitions.map(\.metadata.index) == [0, 1, 2, 3])
            #expect(a.partitions.allSatisfy { $0.metadata.inSyncReplicas == $0.metadata.replicas })
            let unknown = #expect(throws: KafkaClientError.self) { try descriptions["nope"]?.get() }
            #expect(unknown?.code == .unknownTopic)

            let byID = try await admin.describeTopics(ids: [a.id, KafkaUUID(high: 5, low: 5)])
            #expect(try byID[a.id]?.get().name == "a")
            #expect(throws: KafkaClientError.self) { try byID[KafkaUUID(high: 5, low: 5)]?.get() }
        }
    }

    @Test func addsPartitions() async throws {
        try await withAdmin { admin, _ in
            _ = try await admin.createTopics([NewTopic("t", partitions: 2)])
            let results = try await admin.createPartitions([
                "t": NewPartitions(totalCount: 4), "nope": NewPartitions(totalCount: 2),
            ])
            try results["t"]?.get()
            #expect(throws: KafkaClientError.self) { try results["nope"]?.get() }
            let description = try await admin.describeTopics(["t"])["t"]?.get()
            #expect(description?.partitions.count == 4)
            let smaller = try await admin.createPartitions(["t": NewPartitions(totalCount: 1)])
            let error = #expect(throws: KafkaClientError.self) { try smaller["t"]?.get() }
            #expect(error?.brokerError == .invalidPartitions)
        }
    }

    @Test func changesConfigs() async throws {
        try await withAdmin { admin, cluster in
            _ = try await admin.createTopics([NewTopic("t", configs: ["retention.ms": "1000"])])
            let topic = ConfigResource.topic("t")
            let changed = try await admin.incrementalAlterConfigs([
                topic: [ConfigChange(.delete, "retention.ms"), ConfigChange(.set, "segment.bytes", "2000000")],
                .topic("nope"): [ConfigChange(.set, "segment.bytes", "2000000")],
            ])
            try changed[topic]?.get()
            #expect(throws: KafkaClientError.self) { try changed[.topic("nope")]?.get() }
            let broker = try #require(try await admin.describeCluster().brokers.first)
            let configs = try await admin.describeConfigs(
                [topic, .broker(broker.id), .topic("nope")],
                includesSynonyms: true
            )
            let entries = try #require(try configs[topic]?.get())
            let segment = try #require(entries.first { $0.name == "segment.bytes" })
            #expect(segment.value == "2000000")
            #expect(segment.source == .dynamicTopic)
            #expect(!segment.synonyms.isEmpty)
            #expect(entries.first { $0.name == "retention.ms" }?.source != .dynamicTopic)
            #expect(try configs[.broker(broker.id)]?.get().isEmpty == false)
            #expect(throws: KafkaClientError.self) { try configs[.topic("nope")]?.get() }

            let wrong = try await admin.incrementalAlterConfigs([topic: [ConfigChange(.set, "segment.bytes", "soon")]])
            let error = #expect(throws: KafkaClientError.self) { try wrong[topic]?.get() }
            #expect(error?.brokerError == .invalidConfig)
        }
    }

    @Test func tellsOffsetsAndDeletesRecords() async throws {
        try await withAdmin { admin, cluster in
            _ = try await admin.createTopics([NewTopic("t", partitions: 2)])
            let first = TopicPartition(topic: "t", partition: 0)
            let second = TopicPartition(topic: "t", partition: 1)
            let missing = TopicPartition(topic: "t", partition: 7)
            try await BrokerFixture.write(10, to: first, in: cluster)
            var offsets = try await admin.listOffsets(
                [first: .latest, second: .latest, missing: .latest],
                timeout: .seconds(3)
            )
            #expect(try offsets[first]?.get().offset == 10)
            #expect(try offsets[second]?.get().offset == 0)
            let error = #expect(throws: KafkaClientError.self) { try offsets[missing]?.get() }
            #expect(error?.code == .unknownPartition)

            offsets = try await admin.listOffsets([first: .timestamp(4500), second: .timestamp(0)])
            let found = try offsets[first]?.get()
            #expect(found?.offset == 5 && found?.timestampMs == 5000 && found?.leaderEpoch == 0)
            #expect(try offsets[second]?.get().offset == nil)
            offsets = try await admin.listOffsets([first: .maxTimestamp])
            #expect(try offsets[first]?.get().offset == 9)

            let deleted = try await admin.deleteRecords(below: [first: 4, second: 99])
            #expect(try deleted[first]?.get() == 4)
            let outOfRange = #expect(throws: KafkaClientError.self) { try deleted[second]?.get() }
            #expect(outOfRange?.brokerError == .offsetOutOfRange)
            #expect(try await admin.listOffsets([first: .earliest])[first]?.get().offset == 4)
            #expect(try await admin.deleteRecords(below: [first: -1])[first]?.get() == 10)
        }
    }

    /// A time that ends in the middle of a second look leaves the answers of the first.
    @Test func keepsAnswersWhenTimeEnds() async throws {
        try await withAdmin { admin, _ in
            _ = try await admin.createTopics([NewTopic("t")])
            let known = TopicPartition(topic: "t", partition: 0)
            let missing = TopicPartition(topic: "t", partition: 7)
            _ = try await admin.listOffsets([known: .latest])
            for milliseconds in stride(from: 80, through: 124, by: 2) {
                let offsets = try await admin.listOffsets(
                    [known: .latest, missing: .latest],
                    timeout: .milliseconds(milliseconds)
                )
                #expect(offsets.count == 2)
            }
        }
    }

    @Test func describesTheCluster() async throws {
        try await withAdmin { admin, _ in
            let description = try await admin.describeCluster()
            #expect(description.brokers.count == 1)
            #expect(description.controllerID != nil)
            #expect(description.clusterID?.isEmpty == false)
            let versions = try await admin.apiVersions()
            #expect(try versions[description.brokers[0]]?.get().apiKeys.isEmpty == false)
            _ = try await admin.createTopics([NewTopic("t")])
            let directories = try await admin.describeLogDirs()
            let replicas = try directories[description.brokers[0]]?.get().flatMap(\.replicas.keys) ?? []
            #expect(replicas.contains(TopicPartition(topic: "t", partition: 0)))
            await #expect(throws: KafkaClientError.self) { try await admin.describeLogDirs(brokers: [9999]) }
        }
    }
}

import KafkaClient
import KafkaMessages
import KafkaWire
import Testing

@Suite struct MetadataCacheTests {
    private let first = KafkaUUID(high: 1, low: 1)
    private let second = KafkaUUID(high: 2, low: 2)

    private func answer(
        brokers: [Int32] = [1, 2],
        topic: String? = "t",
        id: KafkaUUID,
        error: ErrorCode = .none,
        partitions: [(leader: Int32, epoch: Int32)] = []
    ) -> MetadataResponse {
        var response = MetadataResponse()
        response.clusterId = "c"
        response.controllerId = brokers.first ?? -1
        response.brokers = brokers.map { id in
            var broker = MetadataResponse.MetadataResponseBroker()
            broker.nodeId = id
            broker.host = "host\(id)"
            broker.port = 9092
            return broker
        }
        var entry = MetadataResponse.MetadataResponseTopic()
        entry.name = topic
        entry.topicId = id
        entry.errorCode = error
        entry.partitions = partitions.enumerated().map { index, partition in
            var item = MetadataResponse.MetadataResponsePartition()
            item.partitionIndex = Int32(index)
            item.leaderId = partition.leader
            item.leaderEpoch = partition.epoch
            return item
        }
        response.topics = [entry]
        return response
    }

    private let partition = TopicPartition(topic: "t", partition: 0)

    @Test func learnsNodesAndLeaders() {
        var cache = MetadataCache()
        #expect(cache.updatedMs == nil)
        cache.apply(answer(id: first, partitions: [(1, 5), (2, 3)]), nowMs: 10)
        #expect(cache.clusterID == "c")
        #expect(cache.controllerID == 1)
        #expect(cache.leader(of: partition)?.node.address.description == "host1:9092")
        #expect(cache.leader(of: partition)?.epoch == 5)
        #expect(cache.name(of: first) == "t")
        #expect(cache.topic("t")?.partitions.count == 2)
        #expect(cache.leader(of: TopicPartition(topic: "t", partition: 2)) == nil)
    }

    @Test func epochsNeverGoBackForTheSameTopic() {
        var cache = MetadataCache()
        cache.apply(answer(id: first, partitions: [(1, 5), (2, 3)]), nowMs: 0)
        cache.apply(answer(id: first, partitions: [(2, 4), (1, 4)]), nowMs: 1)
        #expect(cache.partition(partition)?.leader == 1)
        #expect(cache.partition(partition)?.leaderEpoch == 5)
        #expect(cache.partition(TopicPartition(topic: "t", partition: 1))?.leader == 1)
        cache.apply(answer(id: first, partitions: [(2, 5)]), nowMs: 2)
        #expect(cache.partition(partition)?.leader == 2)
    }

    @Test func aNewTopicOfTheSameNameStartsAfresh() {
        var cache = MetadataCache()
        cache.apply(answer(id: first, partitions: [(1, 5)]), nowMs: 0)
        cache.apply(answer(id: second, partitions: [(2, 0)]), nowMs: 1)
        #expect(cache.partition(partition)?.leaderEpoch == 0)
        #expect(cache.name(of: first) == nil)
        #expect(cache.name(of: second) == "t")
    }

    @Test func brokersWithoutEpochsAlwaysReplace() {
        var cache = MetadataCache()
        cache.apply(answer(id: .zero, partitions: [(1, 5)]), nowMs: 0)
        cache.apply(answer(id: .zero, partitions: [(2, -1)]), nowMs: 1)
        #expect(cache.partition(partition)?.leader == 2)
    }

    @Test func hintsCountOnlyWhenNewer() {
        var cache = MetadataCache()
        #expect(cache.applyHint(partition, leader: 2, epoch: 9, endpoints: []) == false)
        cache.apply(answer(id: first, partitions: [(1, 5)]), nowMs: 0)
        #expect(cache.applyHint(partition, leader: 2, epoch: 5, endpoints: []) == false)
        #expect(cache.applyHint(partition, leader: 7, epoch: 6, endpoints: []) == false)
        #expect(cache.applyHint(partition, leader: 2, epoch: 6, endpoints: []) == true)
        #expect(cache.partition(partition)?.leader == 2)
        let node = Node(id: 7, host: "new", port: 1)
        #expect(cache.applyHint(partition, leader: 7, epoch: 7, endpoints: [node]) == true)
        #expect(cache.leader(of: partition)?.node == node)
        // An answer that was under way when the hint came is older than it.
        cache.apply(answer(brokers: [1, 2, 7], id: first, partitions: [(1, 5)]), nowMs: 1)
        #expect(cache.partition(partition)?.leader == 7)
    }

    @Test func failuresReplaceOnlyWhatIsGone() {
        var cache = MetadataCache()
        cache.apply(answer(id: first, partitions: [(1, 5)]), nowMs: 0)
        cache.apply(answer(id: first, error: .leaderNotAvailable), nowMs: 1)
        #expect(cache.topic("t") != nil)
        #expect(cache.failure(of: "t") == .init(error: .leaderNotAvailable, sinceMs: 1))
        cache.apply(answer(id: .zero, error: .unknownTopicOrPartition), nowMs: 2)
        #expect(cache.topic("t") == nil)
        #expect(cache.failure(of: "t") == .init(error: .unknownTopicOrPartition, sinceMs: 1))
        cache.apply(answer(id: first, partitions: [(1, 0)]), nowMs: 3)
        #expect(cache.failure(of: "t") == nil)
        #expect(cache.partition(partition)?.leaderEpoch == 0)
    }

    @Test func forgetsTopicsThatNobodyUses() {
        var cache = MetadataCache()
        cache.use("t", nowMs: 0)
        cache.use("u", nowMs: 0)
        cache.apply(answer(id: first, partitions: [(1, 5)]), nowMs: 0)
        cache.use("u", nowMs: 100)
        #expect(cache.expire(usedBeforeMs: 50) == ["t"])
        #expect(cache.topic("t") == nil)
        #expect(cache.usedTopics == ["u"])
    }

    @Test func aPartitionWithoutLeaderHasNone() {
        var cache = MetadataCache()
        cache.apply(answer(id: first, partitions: [(-1, 5)]), nowMs: 0)
        #expect(cache.partition(partition)?.leader == -1)
        #expect(cache.leader(of: partition) == nil)
        cache.forgetNodes()
        #expect(cache.nodes.isEmpty)
        #expect(cache.controllerID == nil)
    }
}

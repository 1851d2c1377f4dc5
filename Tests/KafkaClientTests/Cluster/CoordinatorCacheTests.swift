import KafkaMessages
import Testing

@testable import KafkaClient

@Suite struct CoordinatorCacheTests {
    @Test func aLateFailureLeavesTheNewCoordinator() {
        var cache = CoordinatorCache()
        let key = CoordinatorKey.group("g")
        #expect(cache.node(of: key) == nil)
        cache.learn(key, node: 1)
        #expect(cache.node(of: key) == 1)
        cache.learn(key, node: 2)
        cache.forget(key, node: 1)
        #expect(cache.node(of: key) == 2)
        cache.forget(key, node: 2)
        #expect(cache.node(of: key) == nil)
    }

    @Test func groupsAndTransactionsDoNotMix() {
        var cache = CoordinatorCache()
        cache.learn(.group("x"), node: 1)
        #expect(cache.node(of: .transaction("x")) == nil)
        cache.learn(.transaction("x"), node: 2)
        #expect(cache.node(of: .group("x")) == 1)
    }

    @Test func whatLeadsToANewLook() {
        let moved = KafkaClientError("m", .notCoordinator)
        let loading = KafkaClientError("m", .coordinatorLoadInProgress)
        #expect(moved.refreshesCoordinator && moved.isRetriable)
        #expect(!loading.refreshesCoordinator && loading.isRetriable)
        #expect(KafkaClientError(.connectionFailed, "m").refreshesCoordinator)
        #expect(!KafkaClientError("m", .groupIdNotFound).refreshesCoordinator)
    }

    @Test func addressesOfCoordinatorsAreKept() {
        var cache = MetadataCache()
        cache.learn(Node(id: 7, host: "a", port: 1))
        let version = cache.version
        cache.learn(Node(id: 7, host: "a", port: 1))
        #expect(cache.version == version)
        cache.learn(Node(id: 7, host: "b", port: 1))
        #expect(cache.nodes[7]?.host == "b")
    }
}

import KafkaStorage
import Testing

@Suite struct LeaderEpochCacheTests {
    private func cache(_ entries: [(Int32, Int64)]) -> LeaderEpochCache {
        var cache = LeaderEpochCache()
        for (epoch, offset) in entries { _ = cache.assign(epoch: epoch, startOffset: offset) }
        return cache
    }

    @Test func assigning() {
        var cache = cache([(0, 0), (2, 10)])
        let changed1 = cache.assign(epoch: 2, startOffset: 15)
        #expect(!changed1)
        let changed2 = cache.assign(epoch: -1, startOffset: 15)
        #expect(!changed2)
        let changed3 = cache.assign(epoch: 5, startOffset: 20)
        #expect(changed3)
        #expect(cache.entries.map(\.epoch) == [0, 2, 5])
        let changed4 = cache.assign(epoch: 3, startOffset: 12)
        #expect(changed4)
        #expect(cache.entries.map(\.epoch) == [0, 2, 3])
        let changed5 = cache.assign(epoch: 4, startOffset: 5)
        #expect(changed5)
        #expect(cache.entries.map(\.startOffset) == [0, 5])
    }

    @Test func endOffsets() throws {
        let cache = cache([(2, 10), (4, 20), (7, 30)])
        func end(_ epoch: Int32) -> [Int64]? {
            cache.endOffset(for: epoch, logEndOffset: 40).map { [Int64($0.epoch), $0.endOffset] }
        }
        #expect(end(7) == [7, 40])
        #expect(end(8) == nil)
        #expect(end(5) == [4, 30])
        #expect(end(4) == [4, 30])
        #expect(end(3) == [2, 20])
        #expect(end(1) == [1, 10])
        #expect(end(-1) == nil)
        #expect(LeaderEpochCache().endOffset(for: 0, logEndOffset: 5) == nil)
    }

    @Test func truncating() {
        var cache = cache([(2, 10), (4, 20), (7, 30)])
        let changed6 = cache.truncateFromEnd(30)
        #expect(changed6)
        let changed7 = cache.truncateFromEnd(30)
        #expect(!changed7)
        #expect(cache.entries.map(\.epoch) == [2, 4])
        let changed8 = cache.truncateFromStart(25)
        #expect(changed8)
        #expect(cache.entries == [LeaderEpochCache.Entry(epoch: 4, startOffset: 25)])
        let changed9 = cache.truncateFromStart(25)
        #expect(!changed9)
        #expect(cache.epoch(at: 24) == nil)
        #expect(cache.epoch(at: 25) == 4)
    }

    @Test func file() throws {
        let cache = cache([(0, 0), (3, 42)])
        #expect(cache.encode() == Array("0\n2\n0 0\n3 42\n".utf8))
        #expect(try LeaderEpochCache.decode(cache.encode(), path: "") == cache)
        #expect(try LeaderEpochCache.decode([], path: "") == LeaderEpochCache())
        for text in [
            "1\n0\n", "0\n", "0\nx\n", "0\n1\n", "0\n1\n1\n", "0\n1\na 1\n", "0\n2\n1 5\n1 6\n", "0\n2\n1 5\n2 5\n",
        ] {
            #expect(throws: StorageError.self) { try LeaderEpochCache.decode(Array(text.utf8), path: "f") }
        }
    }
}

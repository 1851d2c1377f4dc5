/// What a group knows of each of very many members or partitions.
///
/// A decision is made on a copy of the group. So that the first change of a copy does not copy thousands of entries, they
/// lie in many small dictionaries, of which a change copies one.
struct BucketMap<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    /// How many entries a bucket has on average before there are twice as many buckets.
    private static var fullness: Int { 32 }

    /// A power of two of them.
    private var buckets: [[Key: Value]] = [[:]]
    private(set) var count = 0

    var isEmpty: Bool { count == 0 }

    /// In no order.
    var keys: some Sequence<Key> { buckets.lazy.flatMap(\.keys) }

    /// In no order.
    var values: some Sequence<Value> { buckets.lazy.flatMap(\.values) }

    subscript(_ key: Key) -> Value? {
        get { buckets[index(of: key)][key] }
        set {
            let index = index(of: key)
            let former = buckets[index].count
            buckets[index][key] = newValue
            count += buckets[index].count - former
            if count > buckets.count * Self.fullness { grow() }
        }
    }

    private func index(of key: Key) -> Int { key.hashValue & (buckets.count - 1) }

    private mutating func grow() {
        let former = buckets
        buckets = Array(repeating: [:], count: former.count * 2)
        for bucket in former {
            for (key, value) in bucket { buckets[index(of: key)][key] = value }
        }
    }
}

extension BucketMap: Equatable where Value: Equatable {
    static func == (left: BucketMap, right: BucketMap) -> Bool {
        left.count == right.count
            && left.buckets.allSatisfy { bucket in bucket.allSatisfy { right[$0.key] == $0.value } }
    }
}

/// What a group knows of each member, by member id.
///
/// A decision is made on a copy of the group. So that the first change of a copy does not copy thousands of members, they
/// lie in many small dictionaries, of which a change copies one.
struct MemberMap<Value: Sendable>: Sendable {
    /// How many members a bucket has on average before there are twice as many buckets.
    private static var fullness: Int { 32 }

    /// A power of two of them.
    private var buckets: [[String: Value]] = [[:]]
    private(set) var count = 0

    var isEmpty: Bool { count == 0 }

    /// In no order.
    var keys: some Sequence<String> { buckets.lazy.flatMap(\.keys) }

    /// In no order.
    var values: some Sequence<Value> { buckets.lazy.flatMap(\.values) }

    subscript(_ id: String) -> Value? {
        get { buckets[index(of: id)][id] }
        set {
            let index = index(of: id)
            let former = buckets[index].count
            buckets[index][id] = newValue
            count += buckets[index].count - former
            if count > buckets.count * Self.fullness { grow() }
        }
    }

    private func index(of id: String) -> Int { id.hashValue & (buckets.count - 1) }

    private mutating func grow() {
        let former = buckets
        buckets = Array(repeating: [:], count: former.count * 2)
        for bucket in former {
            for (id, value) in bucket { buckets[index(of: id)][id] = value }
        }
    }
}

extension MemberMap: Equatable where Value: Equatable {
    static func == (left: MemberMap, right: MemberMap) -> Bool {
        left.count == right.count
            && left.buckets.allSatisfy { bucket in bucket.allSatisfy { right[$0.key] == $0.value } }
    }
}

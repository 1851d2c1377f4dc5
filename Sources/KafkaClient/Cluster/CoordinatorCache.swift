/// Which broker coordinates what, as far as brokers have told: pure.
///
/// An entry stays until somebody finds it wrong, by an answer NOT_COORDINATOR or COORDINATOR_NOT_AVAILABLE or because the
/// broker cannot be reached. What is found wrong is the pair of key and broker: a late failure of the old broker does not
/// take away what is already known of the new one.
struct CoordinatorCache: Sendable {
    private var nodes: [CoordinatorKey: Int32] = [:]

    /// The broker that was last said to coordinate the key.
    func node(of key: CoordinatorKey) -> Int32? {
        nodes[key]
    }

    /// Takes in what a broker told.
    mutating func learn(_ key: CoordinatorKey, node: Int32) {
        nodes[key] = node
    }

    /// Forgets that a broker coordinates a key, unless another one is known by now.
    mutating func forget(_ key: CoordinatorKey, node: Int32) {
        if nodes[key] == node {
            nodes[key] = nil
        }
    }
}

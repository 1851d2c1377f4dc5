import Synchronization

/// The epoch of this broker's registration: what it proves itself with to the controller and to other brokers.
final class BrokerEpoch: Sendable {
    private let current = Atomic<Int64>(-1)

    /// -1 before the broker is registered.
    var value: Int64 { current.load(ordering: .acquiring) }

    func registered(_ epoch: Int64) { current.store(epoch, ordering: .releasing) }
}

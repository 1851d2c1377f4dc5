/// Spreads the replicas of new partitions over brokers: leaders in turn, replicas of one partition on as many racks as
/// there are, and fenced brokers last and never in front.
package struct ReplicaPlacer {
    package struct Broker: Equatable, Sendable {
        package var id: Int32
        /// nil is a rack of its own kind: all brokers without one share it.
        package var rack: String?
        package var isFenced: Bool

        package init(id: Int32, rack: String? = nil, isFenced: Bool = false) {
            self.id = id
            self.rack = rack
            self.isFenced = isFenced
        }
    }

    package enum Failure: Error, Equatable {
        case notEnoughBrokers(wanted: Int, registered: Int)
        case allFenced
        case noReplicas
    }

    /// Brokers of one rack in the order in which they take replicas.
    private struct Rack {
        var active: [Int32] = []
        var fenced: [Int32] = []
    }

    private var racks: [Rack]
    private let count: Int

    /// `generator` decides where each rack's turn begins, so that single-partition topics do not all land on one broker.
    package init(brokers: [Broker], using generator: inout some RandomNumberGenerator) {
        count = brokers.count
        var byName: [String?: Rack] = [:]
        for broker in brokers.sorted(by: { $0.id < $1.id }) {
            if broker.isFenced {
                byName[broker.rack, default: Rack()].fenced.append(broker.id)
            } else {
                byName[broker.rack, default: Rack()].active.append(broker.id)
            }
        }
        racks = byName.sorted { ($0.key ?? "") < ($1.key ?? "") }.map(\.value)
        for index in racks.indices {
            racks[index].active.rotate(by: Int.random(in: 0..<max(1, racks[index].active.count), using: &generator))
            racks[index].fenced.rotate(by: Int.random(in: 0..<max(1, racks[index].fenced.count), using: &generator))
        }
        racks.rotate(by: Int.random(in: 0..<max(1, racks.count), using: &generator))
    }

    /// The replicas of `partitions` partitions, preferred leader first.
    package mutating func place(partitions: Int, replicationFactor: Int) throws(Failure) -> [[Int32]] {
        guard replicationFactor > 0 else { throw .noReplicas }
        guard replicationFactor <= count else {
            throw .notEnoughBrokers(wanted: replicationFactor, registered: count)
        }
        guard racks.contains(where: { !$0.active.isEmpty }) else { throw .allFenced }
        var placements: [[Int32]] = []
        placements.reserveCapacity(partitions)
        for _ in 0..<partitions {
            placements.append(placeOne(replicationFactor))
            // Only the rack that led moves on within itself: so that in the end each of its brokers leads as often.
            racks[0].active.rotate(by: 1)
            racks[0].fenced.rotate(by: 1)
            racks.rotate(by: 1)
        }
        return placements
    }

    /// Takes one broker of each rack in turn, first only active ones.
    private func placeOne(_ replicationFactor: Int) -> [Int32] {
        var chosen: [Int32] = []
        for members in [racks.map(\.active), racks.map(\.fenced)] {
            var depth = 0
            while chosen.count < replicationFactor, members.contains(where: { depth < $0.count }) {
                for rack in members where depth < rack.count && chosen.count < replicationFactor {
                    chosen.append(rack[depth])
                }
                depth += 1
            }
        }
        return chosen
    }
}

extension Array {
    /// Moves the first `places` elements to the end.
    fileprivate mutating func rotate(by places: Int) {
        guard count > 1 else { return }
        let places = places % count
        self = Array(self[places...] + self[..<places])
    }
}

import KafkaStorage
import KafkaTransport

/// The faults of a cluster as they touch one node.
struct NodeFaults: ConnectionFaults {
    let board: FaultBoard
    let nodeID: Int32

    func condition(ofConnectionTo peer: PeerAddress?) -> LinkCondition {
        guard let faults = board.current else { return .sound }
        let delayMs = faults.delays[nodeID] ?? 0
        // Both ends of a connection between nodes know of a cut; the one that has made it keeps to it.
        guard let other = peer.flatMap(Self.node), let cut = faults.cut(between: nodeID, and: other) else {
            return LinkCondition(delayMs: delayMs)
        }
        return LinkCondition(cut: cut.isRefused ? .refused : .silent, delayMs: delayMs)
    }

    private static func node(_ peer: PeerAddress) -> Int32? {
        switch peer.source {
        case .advertised(let id), .coordinator(let id): id
        case .controllerQuorum: FaultSet.controllerID
        case .bootstrap: nil
        }
    }
}

extension BrokerEnvironment {
    /// What may go wrong with the connections of a node; nil unless somebody wants that.
    func connectionFaults(of nodeID: Int32) -> NodeFaults? {
        faults.map { NodeFaults(board: $0, nodeID: nodeID) }
    }

    /// The disk of a node, which fails when it is told to.
    func disk(of nodeID: Int32) -> any FileSystem {
        guard let faults else { return fileSystem }
        return FaultyDisk(fileSystem, board: faults, nodeID: nodeID)
    }
}

/// The client's side of a fetch session (KIP-227): what the leader has been told, so that a request holds only what
/// changed.
package struct FollowerSession: Sendable, Equatable {
    /// What one request says.
    package struct Request: Sendable, Equatable {
        package var id: Int32
        /// 0 begins a session.
        package var epoch: Int32
        package var targets: [FetchTarget]
        package var forgotten: [FetchKey]
    }

    private var id: Int32 = 0
    private var epoch: Int32 = 0
    private var told: [FetchKey: FetchTarget] = [:]

    package init() {}

    /// Nothing is fetched at present, and the leader believes otherwise.
    package var hasMoreTold: Bool { !told.isEmpty }

    /// The next request, if exactly `targets` are wanted.
    package mutating func request(for targets: [FetchTarget]) -> Request {
        let isFull = epoch == 0
        let changed = isFull ? targets : targets.filter { told[$0.key] != $0 }
        var forgotten: [FetchKey] = []
        if !isFull, told.count + changed.count > targets.count || told.count != targets.count {
            let wanted = Set(targets.map(\.key))
            forgotten = told.keys.filter { !wanted.contains($0) }
        }
        if isFull {
            told = Dictionary(targets.map { ($0.key, $0) }) { _, last in last }
        } else {
            for key in forgotten { told[key] = nil }
            for target in changed { told[target.key] = target }
        }
        return Request(id: id, epoch: epoch, targets: changed, forgotten: forgotten)
    }

    /// The leader has answered, with session `id` (0: it keeps none).
    package mutating func answered(sessionID: Int32) {
        if sessionID == 0 {
            restart()
            id = 0
        } else {
            id = sessionID
            epoch = FetchSession.epoch(after: epoch)
        }
    }

    /// The session is lost, or nobody knows what the leader has got: begins anew, and lets the leader forget the old one.
    package mutating func restart() {
        epoch = 0
        told = [:]
    }
}

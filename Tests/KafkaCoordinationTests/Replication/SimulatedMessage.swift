import KafkaMessages

@testable import KafkaCoordination

/// What is on its way between brokers, or between a broker and the controller.
struct SimulatedMessage {
    enum Body {
        case fetch(FollowerSession.Request, token: Int)
        case fetched([FollowerAnswer<[SimulatedLog.Record]>], sessionID: Int32, token: Int)
        /// The fetch was refused as a whole, or nobody answers any more.
        case fetchFailed(isSessionLost: Bool, token: Int)
        case findRange(FetchKey, leaderEpoch: Int32)
        case range(FetchKey, leaderEpoch: Int32, start: Int64, end: Int64)
        case rangeFailed(FetchKey, leaderEpoch: Int32)
        case alterPartition(FetchKey, InSyncProposal)
        case altered(FetchKey, InSyncProposal, InSyncAnswer)
        case heartbeat(offset: Int64)
    }

    /// The controller's number.
    static let controller: Int32 = 0

    var from: Int32
    var to: Int32
    /// The epoch of the broker that asks, or is answered: its restart makes answers void.
    var brokerEpoch: Int64
    var body: Body
}

extension SimulatedMessage: CustomStringConvertible {
    var description: String {
        let what =
            switch body {
            case .fetch(let request, let token):
                "fetch \(token) "
                    + request.targets.map { "\($0.key.partition)@\($0.offset)/\($0.currentLeaderEpoch)" }.joined(
                        separator: " "
                    )
            case .fetched(let answers, _, let token):
                "answer \(token) "
                    + answers.map { answer in
                        let parting = answer.diverging.map { " parts at \($0.endOffset)/\($0.epoch)" } ?? ""
                        return "\(answer.key.partition): \(answer.error) hw \(answer.highWatermark)"
                            + " \(answer.records?.map(\.id) ?? [])\(parting)"
                    }.joined(separator: ", ")
            case .fetchFailed(_, let token): "refusal \(token)"
            case .findRange(let key, _): "question for the range of \(key.partition)"
            case .range(let key, _, let start, let end): "range of \(key.partition), \(start)-\(end)"
            case .rangeFailed(let key, _): "no range of \(key.partition)"
            case .alterPartition(let key, let proposal):
                "proposal \(proposal.members) for \(key.partition) at \(proposal.leaderEpoch)/\(proposal.partitionEpoch)"
            case .heartbeat(let offset): "heartbeat at \(offset)"
            case .altered(let key, _, let answer): "answer \(answer) for \(key.partition)"
            }
        return "\(from) to \(to) (\(brokerEpoch)): \(what)"
    }
}

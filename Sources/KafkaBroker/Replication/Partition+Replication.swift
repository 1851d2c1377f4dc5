import KafkaCoordination
import KafkaMessages
import KafkaStorage
import KafkaWire
import NIOCore
import Synchronization

extension Partition {
    /// What a follower may read, once its fetch was taken in.
    struct FollowerView {
        var highWatermark: Int64
        /// Where its log parts from this one; it reads nothing then.
        var diverging: PartitionReplica.EpochEnd?
        /// To be sent to the controller.
        var proposal: InSyncProposal?
        var logEnd: Int64
        /// The follower is in the ISR.
        var isInSync: Bool
    }

    /// A follower asks for more: what it has is acknowledged by that.
    ///
    /// - Parameter isNews: false when the same request looks again after waiting.
    func followerFetched(
        _ target: FetchTarget,
        _ fetch: ReplicaFetch,
        isNews: Bool,
        nowMs: Int64
    ) throws(PartitionError) -> FollowerView {
        let (view, woken) = try state.withLock { state throws(PartitionError) in
            try Self.checkLeader(state, currentEpoch: target.currentLeaderEpoch)
            if let code = state.replica.refusal(of: fetch) { throw PartitionError(code) }
            var view = FollowerView(
                highWatermark: state.replica.highWatermark,
                logEnd: state.replica.logEnd,
                isInSync: state.replica.isr.contains(fetch.replica)
            )
            view.diverging = try Self.divergence(of: target, state.replica, log)
            if view.diverging != nil { return (view, [Alarm]()) }
            guard target.offset >= log.logStartOffset, target.offset <= state.replica.logEnd else {
                throw PartitionError(.offsetOutOfRange)
            }
            guard isNews else { return (view, []) }
            let fetched = state.replica.followerFetched(fetch, nowMs: nowMs)
            view.proposal = fetched.proposal
            view.highWatermark = state.replica.highWatermark
            return (view, fetched.didAdvance ? state.wakeAdvanced() : [])
        }
        for alarm in woken { alarm.ring() }
        return view
    }

    /// Where the log of whoever fetches parts from this one (KIP-595); nil if it does not, or if nobody asks.
    func divergence(of target: FetchTarget) throws(PartitionError) -> PartitionReplica.EpochEnd? {
        try state.withLock { state throws(PartitionError) in try Self.divergence(of: target, state.replica, log) }
    }

    private static func divergence(
        of target: FetchTarget,
        _ replica: borrowing PartitionReplica,
        _ log: PartitionLog
    ) throws(PartitionError) -> PartitionReplica.EpochEnd? {
        guard target.lastFetchedEpoch >= 0 else { return nil }
        guard let end = endOffset(of: target.lastFetchedEpoch, replica, log) else {
            throw PartitionError(.offsetOutOfRange)
        }
        return replica.divergence(offset: target.offset, lastEpoch: target.lastFetchedEpoch, end: end)
    }

    /// Rings `alarm` once there are records at `offset`, at once if there are already, and when leadership changes.
    func ring(_ alarm: Alarm, whenEndPasses offset: Int64) -> OffsetWaiters<Alarm>.ID? {
        let id = state.withLock { state -> OffsetWaiters<Alarm>.ID? in
            guard !state.isClosed, state.replica.isLeader, state.replica.logEnd <= offset else { return nil }
            return state.endWaiters.add(alarm, until: offset + 1)
        }
        if id == nil { alarm.ring() }
        return id
    }

    func forgetEnd(_ id: OffsetWaiters<Alarm>.ID) {
        state.withLock { $0.endWaiters.remove(id) }
    }

    /// A replica in the ISR that a consumer in `rack` should read from (KIP-392); nil if this one will do.
    ///
    /// - Parameter racks: of the brokers.
    func preferredReader(_ rack: String, offset: Int64, racks: (Int32) -> String?) -> Int32? {
        state.withLock { state in
            let replica = state.replica
            guard replica.isLeader, racks(replica.localID) != rack else { return nil }
            return replica.isr
                .filter { member in
                    guard racks(member) == rack, let progress = replica.progress(of: member),
                        let end = progress.logEnd
                    else { return false }
                    return end >= offset && progress.logStart <= offset
                }
                .max { replica.progress(of: $0)?.logEnd ?? -1 < replica.progress(of: $1)?.logEnd ?? -1 }
        }
    }

    // MARK: The ISR

    /// Looks for members of the ISR that lag; a proposal is to be sent to the controller.
    func checkInSync(nowMs: Int64) -> InSyncProposal? {
        let (proposal, woken) = state.withLock { state -> (InSyncProposal?, [Alarm]) in
            guard !state.isClosed else { return (nil, []) }
            let checked = state.replica.checkInSync(nowMs: nowMs)
            return (checked.proposal, checked.didAdvance ? state.wakeAdvanced() : [])
        }
        for alarm in woken { alarm.ring() }
        return proposal
    }

    /// The controller has answered a proposal, or nobody knows. True when it must be sent again.
    func answered(_ proposal: InSyncProposal, _ answer: InSyncAnswer) -> Bool {
        let (mustRetry, woken) = state.withLock { state -> (Bool, [Alarm]) in
            guard !state.isClosed else { return (false, []) }
            switch state.replica.answered(proposal, answer) {
            case .retry: return (true, [])
            case .done: return (false, state.wakeAdvanced())
            }
        }
        for alarm in woken { alarm.ring() }
        return mustRetry
    }

    /// The metadata say which brokers may be in an ISR.
    func brokersChanged(_ brokers: [Int32: Int64]) {
        let woken = state.withLock { state in
            state.replica.brokersChanged(brokers) ? state.wakeAdvanced() : []
        }
        for alarm in woken { alarm.ring() }
    }

    // MARK: Following

    /// Whether the controller counts this broker as in sync.
    var isInSync: Bool { state.withLock { $0.replica.isr.contains($0.replica.localID) } }

    /// How far the own log goes, if this broker follows in `epoch`; nil if it does not.
    func followedLog(inEpoch epoch: Int32) -> FollowedLog? {
        state.withLock { Self.follows($0, epoch) ? followedLog : nil }
    }

    private var followedLog: FollowedLog {
        FollowedLog(start: log.logStartOffset, end: log.logEndOffset, lastEpoch: log.latestEpoch ?? -1)
    }

    private static func follows(_ state: borrowing State, _ epoch: Int32) -> Bool {
        !state.isClosed && !state.replica.isLeader && state.replica.leaderEpoch == epoch
    }

    /// Takes over what the leader of `epoch` sent. nil when this broker does not follow in that epoch any more.
    func follow(
        _ records: ByteBuffer?,
        inEpoch epoch: Int32,
        highWatermark: Int64,
        logStart: Int64,
        nowMs: Int64
    ) throws(PartitionError) -> FollowedLog? {
        let (result, woken) = try state.withLock { state throws(PartitionError) -> (FollowedLog?, [Alarm]) in
            guard Self.follows(state, epoch) else { return (nil, []) }
            if let records, records.readableBytes > 0 {
                noteUse()
                do throws(AppendError) {
                    let info = try log.appendReplicated(records, nowMs: nowMs)
                    if let info, info.didRoll { state.rolledOffset = info.baseOffset }
                } catch {
                    throw PartitionError(error)
                }
            }
            let didAdvance = state.replica.followed(to: log.logEndOffset, leaderHighWatermark: highWatermark)
            // What the leader has deleted goes here too, as far as it is known to be committed.
            _ = try? log.deleteRecords(before: min(logStart, state.replica.highWatermark))
            return (followedLog, didAdvance ? state.wakeAdvanced() : [])
        }
        for alarm in woken { alarm.ring() }
        return result
    }

    /// Cuts the log where it parts from that of the leader of `epoch`. nil when this broker does not follow in that
    /// epoch any more.
    ///
    /// - Parameter directories: the one that has the log lowers its checkpoints first.
    func truncate(
        inEpoch epoch: Int32,
        _ directories: LogDirectories,
        nowMs: Int64,
        _ decide: (FollowedLog) -> FollowerTruncation
    ) throws(PartitionError) -> FollowedLog? {
        try state.withLock { state throws(PartitionError) in
            guard Self.follows(state, epoch) else { return nil }
            do throws(StorageError) {
                switch decide(followedLog) {
                case .nothing: break
                case .cut(let offset):
                    _ = try directories.truncate(log, to: offset, nowMs: nowMs)
                    state.replica.truncated(to: log.logEndOffset)
                case .restart(let offset):
                    try directories.truncateFully(log, startingAt: offset, nowMs: nowMs)
                    state.replica.restarted(at: offset)
                }
            } catch {
                throw PartitionError(error)
            }
            state.rolledOffset = nil
            return followedLog
        }
    }

    /// The end of the largest epoch in the own log that is not above `epoch`.
    func ownEnd(of epoch: Int32) -> PartitionReplica.EpochEnd? {
        log.endOffset(forLeaderEpoch: epoch).map { .init(epoch: $0.epoch, endOffset: $0.endOffset) }
    }
}

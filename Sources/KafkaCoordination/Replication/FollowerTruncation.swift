/// Where a follower cuts its log.
package enum FollowerTruncation: Sendable, Equatable {
    /// The log ends there from now on.
    case cut(at: Int64)
    /// Everything goes, and the log begins again there.
    case restart(at: Int64)
    case nothing

    /// The leader's log parts from this one at the end of an epoch.
    ///
    /// - Parameters:
    ///   - end: what the leader told.
    ///   - own: the largest epoch in the own log that is not above the leader's, and where it ends; nil if unknown.
    package init(diverging end: PartitionReplica.EpochEnd, own: PartitionReplica.EpochEnd?, log: FollowedLog) {
        let limit: Int64
        if let own {
            // An epoch that the leader does not have: what follows from it is asked again.
            limit = own.epoch == end.epoch ? min(own.endOffset, end.endOffset) : own.endOffset
        } else {
            limit = end.endOffset
        }
        let offset = min(limit, log.end)
        if offset <= log.start {
            self = log.end > log.start ? .restart(at: max(0, offset)) : .nothing
        } else {
            self = offset < log.end ? .cut(at: offset) : .nothing
        }
    }

    /// The leader has no records at the own log's end; its log goes from `leaderStart` to `leaderEnd`.
    package init(outOfRange log: FollowedLog, leaderStart: Int64, leaderEnd: Int64) {
        if leaderEnd < log.end {
            // Somebody leads who was not in sync: what he does not have is lost.
            self = leaderEnd < log.start ? .restart(at: leaderEnd) : .cut(at: leaderEnd)
        } else if leaderStart > log.end {
            self = .restart(at: leaderStart)
        } else {
            self = .nothing
        }
    }
}

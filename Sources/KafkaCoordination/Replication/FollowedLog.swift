/// How far a follower's own log goes.
package struct FollowedLog: Sendable, Equatable {
    package var start: Int64
    package var end: Int64
    /// The leader epoch of the last record; -1 if there is none.
    package var lastEpoch: Int32

    package init(start: Int64, end: Int64, lastEpoch: Int32) {
        self.start = start
        self.end = end
        self.lastEpoch = lastEpoch
    }
}

/// What is wrong with connections on purpose, for clusters that are made to fail (`swkafka cluster fault`).
///
/// It is asked about every piece of data that a connection carries, so that it has to be quick while nothing is wrong.
package protocol ConnectionFaults: Sendable {
    /// What is wrong now with connections between here and `peer`; nil stands for clients of this process.
    func condition(ofConnectionTo peer: PeerAddress?) -> LinkCondition
}

/// What is wrong with a connection.
package struct LinkCondition: Equatable, Sendable {
    package enum Cut: Equatable, Sendable {
        /// Nothing comes through and nobody is told, as when a cable is pulled. What was sent arrives once the network is
        /// whole again, if the connection still stands: TCP would have repeated it.
        case silent
        /// Connections end, and new ones are refused.
        case refused
    }

    /// nil: data come through.
    package var cut: Cut?
    /// How many milliseconds later than otherwise everything arrives that is sent from here.
    package var delayMs: Int64

    package init(cut: Cut? = nil, delayMs: Int64 = 0) {
        self.cut = cut
        self.delayMs = delayMs
    }

    package static let sound = LinkCondition()
}

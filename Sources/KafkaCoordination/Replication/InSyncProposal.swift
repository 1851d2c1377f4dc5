package import KafkaMessages

/// A change of the ISR that a leader proposes to the controller (AlterPartition).
package struct InSyncProposal: Sendable, Equatable {
    package struct Member: Sendable, Equatable {
        package var id: Int32
        /// -1 lets the controller decide without: the leader does not know which start of the broker it talks of.
        package var brokerEpoch: Int64
    }

    package var leaderEpoch: Int32
    /// The proposal holds only for the partition as it was in this epoch.
    package var partitionEpoch: Int32
    package var isr: [Member]

    package var members: [Int32] { isr.map(\.id) }
}

/// What the controller says to a proposal.
package enum InSyncAnswer: Sendable, Equatable {
    /// The partition as it is now.
    case partition(leader: Int32, leaderEpoch: Int32, isr: [Int32], partitionEpoch: Int32)
    case error(ErrorCode)
    /// Nobody knows whether the controller has got it.
    case unknown
}

/// What becomes of a proposal once the controller has answered.
package enum InSyncOutcome: Sendable, Equatable {
    /// It is settled, or the metadata will settle it.
    case done(didAdvance: Bool)
    /// It must be sent again.
    case retry
}

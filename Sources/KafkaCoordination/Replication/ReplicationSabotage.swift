/// Rules of replication that a test breaks on purpose, to see that what watches over them notices. Empty in every broker.
package struct ReplicationSabotage: OptionSet, Sendable, Hashable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Epochs of leaders, brokers and logs are not compared.
    package static let skipsEpochCheck = ReplicationSabotage(rawValue: 1)
    /// A follower that is behind may join the ISR.
    package static let skipsInSyncCheck = ReplicationSabotage(rawValue: 2)
    /// The high watermark is the leader's log end: acknowledged before anybody else has it.
    package static let advancesEarly = ReplicationSabotage(rawValue: 4)
    /// A follower keeps what its leader does not have.
    package static let forgetsTruncation = ReplicationSabotage(rawValue: 8)
}

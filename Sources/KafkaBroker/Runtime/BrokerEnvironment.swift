package import KafkaCoordination
package import KafkaStorage

/// What a broker stands on: the machine's disk and clock, unless a test gives it others, and what is to go wrong with it.
package struct BrokerEnvironment: Sendable {
    package var fileSystem: any FileSystem
    /// nil: real time.
    package var clock: (any BrokerClock)?
    /// Faults that somebody else puts there; nil: there never are any.
    package var faults: FaultBoard?
    /// Rules of replication that are broken on purpose, to see whether somebody notices.
    package var sabotage: ReplicationSabotage = []

    package init(
        fileSystem: any FileSystem = PosixFileSystem(),
        clock: (any BrokerClock)? = nil,
        faults: FaultBoard? = nil
    ) {
        self.faults = faults
        self.fileSystem = fileSystem
        self.clock = clock
    }
}

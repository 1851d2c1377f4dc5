package import KafkaStorage

/// What a broker stands on: the machine's disk and clock, unless a test gives it others.
package struct BrokerEnvironment: Sendable {
    package var fileSystem: any FileSystem
    /// nil: real time.
    package var clock: (any BrokerClock)?

    package init(fileSystem: any FileSystem = PosixFileSystem(), clock: (any BrokerClock)? = nil) {
        self.fileSystem = fileSystem
        self.clock = clock
    }
}

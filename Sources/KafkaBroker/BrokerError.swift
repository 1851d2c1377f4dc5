/// Why a broker could not start, or had to stop.
public struct BrokerError: Error, Equatable, CustomStringConvertible, Sendable {
    /// What kind of trouble it is; more kinds may come.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        public let description: String

        /// The data directory cannot be used: not writable, damaged, or full.
        public static let storage = Code(description: "storage")
        /// Another process has the data directory open.
        public static let directoryInUse = Code(description: "directory in use")
        /// The data directory belongs to another broker or cluster.
        public static let wrongDirectory = Code(description: "wrong directory")
        /// The address cannot be listened on.
        public static let listen = Code(description: "listen")
        /// The metadata log cannot be read.
        public static let metadata = Code(description: "metadata")
        /// The broker was started before, or stopped.
        public static let state = Code(description: "state")
    }

    public let code: Code
    /// What failed, on what, and what may help.
    public let description: String

    init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }
}

/// Where a command line says that the brokers are.
enum ServerChoice: Equatable, Sendable {
    /// `host:port,…`
    case servers(String)
    /// An ensemble that knows, as in command lines from before Kafka 3.
    case zookeeper(String)
    /// Nowhere: settings may tell.
    case configured
}

/// Where a command line says that the brokers are.
enum ServerChoice: Equatable, Sendable {
    /// `host:port,…`
    case servers(String)
    /// `host:port,…` of controllers, which answer what needs no broker.
    case controllers(String)
    /// An ensemble that knows, as in command lines from before Kafka 3.
    case zookeeper(String)
    /// Nowhere: settings may tell.
    case configured

    /// What an option says, or settings where it is not given.
    init(_ servers: String?) { self = servers.map { .servers($0) } ?? .configured }
}

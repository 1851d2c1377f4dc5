/// Everything that a started process of a cluster holds, whatever its roles are.
protocol NodeRuntime: AnyObject, Sendable {
    var address: BrokerAddress { get }
    var nodeID: Int32 { get }
    var dataDirectory: String { get }

    /// Works until `shutdown`; then makes the data durable and closes everything.
    func run() async throws(BrokerError)

    func shutdown() async

    /// Closes what was started and never ran.
    func abandon() async
}

import KafkaCoordination
import KafkaTransport

extension ListenerOptions {
    init(_ configuration: BrokerConfiguration, _ resolver: ConfigResolver, _ faults: NodeFaults?) {
        let integer = { (name: String, fallback: Int) in
            resolver.brokerValue(name).flatMap { Int($0.trimmingBlanks()) } ?? fallback
        }
        let host = configuration.listener.host
        self.init(host: host.isEmpty ? "0.0.0.0" : host, port: configuration.listener.port)
        name = configuration.listenerName
        self.faults = faults
        maximumRequestBytes = integer("socket.request.max.bytes", maximumRequestBytes)
        maximumConnections = integer("max.connections", maximumConnections)
        let idleMs = integer("connections.max.idle.ms", 600_000)
        idleLimit = idleMs < 0 ? nil : .milliseconds(idleMs)
    }
}

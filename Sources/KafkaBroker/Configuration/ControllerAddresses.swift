import KafkaCoordination
import KafkaTransport

/// Reads where the controllers are: `controller.quorum.bootstrap.servers`, or `controller.quorum.voters`.
enum ControllerAddresses {
    private static let servers = "controller.quorum.bootstrap.servers"
    private static let voters = "controller.quorum.voters"

    /// Empty when neither is set.
    static func parse(_ properties: [String: String]) throws(BrokerConfigurationError) -> [PeerAddress] {
        var found: [PeerAddress] = []
        for item in items(properties[servers]) {
            found.append(try address(item, item: item, config: servers))
        }
        guard found.isEmpty else { return found }
        for item in items(properties[voters]) {
            guard let at = item.firstIndex(of: "@"), Int32(item[..<at]) != nil else {
                throw BrokerConfigurationError("\(voters) has \(item), which is not of the form id@host:port")
            }
            found.append(try address(String(item[item.index(after: at)...]), item: item, config: voters))
        }
        return found
    }

    private static func items(_ list: String?) -> [String] {
        (list ?? "").split(separator: ",").map { String($0).trimmingBlanks() }.filter { !$0.isEmpty }
    }

    private static func address(
        _ text: String,
        item: String,
        config: String
    ) throws(BrokerConfigurationError) -> PeerAddress {
        let parsed = try ListenerAddress.parse(text, item: item, config: config)
        guard parsed.port > 0 else {
            throw BrokerConfigurationError("\(config) has \(item), which does not end in a port from 1 to 65535")
        }
        return PeerAddress(
            host: parsed.host.isEmpty ? "127.0.0.1" : parsed.host,
            port: parsed.port,
            source: .controllerQuorum
        )
    }
}

import KafkaCoordination

/// Reads `listeners` and `advertised.listeners`: `NAME://host:port`, separated by commas.
enum ListenerAddress {
    /// The one plain-text listener for clients. Listeners whose names are in `ignored` are for controllers, which a
    /// single process does not need.
    static func only(
        in text: String,
        config: String,
        ignoring ignored: Set<String>
    ) throws(BrokerConfigurationError) -> (name: String, address: BrokerConfiguration.Listener) {
        var found: [(name: String, address: BrokerConfiguration.Listener)] = []
        for item in text.split(separator: ",").map({ String($0).trimmingBlanks() }) where !item.isEmpty {
            guard let scheme = item.firstRange(of: "://") else {
                throw BrokerConfigurationError("\(config) has \(item), which is not of the form PLAINTEXT://host:port")
            }
            let name = String(item[..<scheme.lowerBound])
            guard !ignored.contains(name) else { continue }
            if ["SSL", "SASL_SSL", "SASL_PLAINTEXT"].contains(name.uppercased()) {
                throw BrokerConfigurationError("\(config) asks for \(name), but this broker speaks PLAINTEXT only")
            }
            found.append((name, try parse(String(item[scheme.upperBound...]), item: item, config: config)))
        }
        guard let first = found.first else {
            throw BrokerConfigurationError("\(config) names no listener for clients; give PLAINTEXT://host:port")
        }
        guard found.count == 1 else {
            throw BrokerConfigurationError(
                "\(config) names \(found.count) listeners for clients; this broker opens one"
            )
        }
        return first
    }

    /// The items whose listeners have one of `names`: those of a controller.
    static func keeping(_ names: Set<String>, in text: String) throws(BrokerConfigurationError) -> String {
        guard !names.isEmpty else {
            throw BrokerConfigurationError(
                "process.roles is controller, so that controller.listener.names has to say which of the listeners is its own"
            )
        }
        return text.split(separator: ",").filter { item in
            let name = item.split(separator: ":", maxSplits: 1).first.map { String($0).trimmingBlanks() }
            return name.map(names.contains) ?? false
        }
        .joined(separator: ",")
    }

    /// `host:port`, `[v6]:port` or `:port`.
    static func parse(
        _ address: String,
        item: String,
        config: String
    ) throws(BrokerConfigurationError) -> BrokerConfiguration.Listener {
        guard let colon = address.lastIndex(of: ":"), let port = Int(address[address.index(after: colon)...]),
            (0...65535).contains(port)
        else {
            throw BrokerConfigurationError("\(config) has \(item), which does not end in a port from 0 to 65535")
        }
        var host = String(address[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        return BrokerConfiguration.Listener(host: host, port: port)
    }
}

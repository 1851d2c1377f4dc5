import Glibc

extension BrokerConfiguration {
    /// What clients are told, given the port that was opened.
    func address(port: Int) -> BrokerAddress {
        if let advertised {
            return BrokerAddress(
                host: advertised.host.isEmpty ? Self.machineName : advertised.host,
                port: advertised.port == 0 ? port : advertised.port
            )
        }
        // Nobody can connect to "all interfaces".
        let isWildcard = ["", "0.0.0.0", "::"].contains(listener.host)
        return BrokerAddress(host: isWildcard ? Self.machineName : listener.host, port: port)
    }

    /// The name of this machine if it leads to an address, else `localhost`.
    private static var machineName: String {
        var bytes = [CChar](repeating: 0, count: 256)
        guard gethostname(&bytes, bytes.count - 1) == 0 else { return "localhost" }
        var result: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(bytes, nil, nil, &result) == 0 else { return "localhost" }
        freeaddrinfo(result)
        let name = String(decoding: bytes.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        return name.isEmpty ? "localhost" : name
    }
}

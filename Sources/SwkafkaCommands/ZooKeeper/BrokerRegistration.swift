/// What a broker of the old days says about itself under `/brokers/ids` (JSON, versions 1 to 5).
struct BrokerRegistration: Equatable, Sendable {
    struct Endpoint: Equatable, Sendable {
        /// PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL.
        var securityProtocol: String
        /// `host:port`
        var address: String
    }

    var endpoints: [Endpoint]

    /// nil when the bytes are no registration.
    init?(_ bytes: [UInt8]) {
        guard case .object(let members)? = try? JSONParser.parse(bytes) else { return nil }
        var protocols: [String: String] = [:]
        if case .object(let map)? = members["listener_security_protocol_map"] {
            for (listener, name) in map { if case .string(let name) = name { protocols[listener] = name } }
        }
        var endpoints: [Endpoint] = []
        if case .array(let items)? = members["endpoints"] {
            for case .string(let text) in items {
                guard let scheme = text.range(of: "://") else { continue }
                let listener = String(text[..<scheme.lowerBound])
                endpoints.append(
                    Endpoint(
                        securityProtocol: protocols[listener] ?? listener,
                        address: String(text[scheme.upperBound...])
                    )
                )
            }
        }
        // Brokers before 0.9 have one address and no security.
        if endpoints.isEmpty, case .string(let host)? = members["host"], case .number(let port)? = members["port"],
            let port = UInt16(port), port > 0
        {
            endpoints = [Endpoint(securityProtocol: "PLAINTEXT", address: "\(host):\(port)")]
        }
        self.endpoints = endpoints
    }
}

extension String {
    /// The first place of a text, without Foundation.
    fileprivate func range(of text: String) -> Range<Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(text) { return start..<index(start, offsetBy: text.count) }
            start = index(after: start)
        }
        return nil
    }
}

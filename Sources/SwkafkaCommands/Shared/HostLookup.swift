import Glibc

/// The addresses behind a host name, as the system finds them (getaddrinfo(3)).
enum HostLookup {
    struct Failure: Error, Equatable {
        /// The system's words.
        var reason: String
    }

    /// An address to connect to, and its text.
    struct Address: Sendable, Equatable {
        var text: String
        /// A `sockaddr` of the family.
        var bytes: [UInt8]
        var family: Int32
    }

    /// In the order in which the system would try them. Blocks for as long as the name servers take.
    static func addresses(of host: String, port: Int) throws(Failure) -> [Address] {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, String(port), &hints, &list)
        guard code == 0 else {
            let reason = code == EAI_SYSTEM ? systemMessage(errno) : String(cString: gai_strerror(code))
            throw Failure(reason: reason)
        }
        defer { freeaddrinfo(list) }
        var addresses: [Address] = []
        var entry = list
        while let info = entry?.pointee {
            if let address = address(info), !addresses.contains(address) { addresses.append(address) }
            entry = info.ai_next
        }
        return addresses
    }

    private static func address(_ info: addrinfo) -> Address? {
        guard let raw = info.ai_addr else { return nil }
        var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        guard getnameinfo(raw, info.ai_addrlen, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST) == 0 else {
            return nil
        }
        let bytes = UnsafeRawBufferPointer(start: raw, count: Int(info.ai_addrlen))
        return Address(
            text: String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self),
            bytes: Array(bytes),
            family: info.ai_family
        )
    }
}

/// A host and a port, as in `bootstrap.servers`.
///
/// Understands `host:port`, `[::1]:9092` for IPv6, and a leading listener name as in `PLAINTEXT://host:9092`, which
/// Kafka's tools accept too and which is dropped.
public struct ServerAddress: Hashable, Sendable, CustomStringConvertible {
    /// A host name or a literal address, without brackets.
    public var host: String
    /// 1 … 65535.
    public var port: Int

    /// An address whose parts are known.
    public init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// One address in the forms of ``ServerAddress``.
    ///
    /// - Throws: ``KafkaClientError/Code/invalidConfiguration`` with the form that was expected.
    public init(parsing text: String) throws(KafkaClientError) {
        let bare = Self.withoutListener(text[...])
        guard !bare.isEmpty else {
            throw Self.invalid(text, "it is empty; expected host:port")
        }
        let host: Substring
        let portText: Substring
        if bare.first == "[" {
            guard let closing = bare.firstIndex(of: "]") else {
                throw Self.invalid(text, "the bracket is not closed; write an IPv6 address as [::1]:9092")
            }
            host = bare[bare.index(after: bare.startIndex)..<closing]
            let rest = bare[bare.index(after: closing)...]
            guard rest.first == ":" else {
                throw Self.invalid(text, "the port is missing; try [\(host)]:9092")
            }
            portText = rest.dropFirst()
            guard !host.isEmpty, host.utf8.allSatisfy(Self.isIPv6Byte) else {
                throw Self.invalid(text, "'\(host)' is not an IPv6 address")
            }
        } else {
            guard let colon = bare.lastIndex(of: ":") else {
                throw Self.invalid(text, "the port is missing; try \(bare):9092")
            }
            host = bare[..<colon]
            portText = bare[bare.index(after: colon)...]
            guard !host.contains(":") else {
                throw Self.invalid(text, "an IPv6 address needs brackets, as in [::1]:9092")
            }
            guard !host.isEmpty else {
                throw Self.invalid(text, "the host is missing; try localhost:\(portText)")
            }
            guard host.utf8.allSatisfy(Self.isHostByte) else {
                throw Self.invalid(text, "'\(host)' is not a host name")
            }
        }
        guard !portText.isEmpty else {
            throw Self.invalid(text, "the port is missing after the colon")
        }
        guard portText.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }), let port = Int(portText), (1...65535) ~= port
        else {
            throw Self.invalid(text, "'\(portText)' is not a port between 1 and 65535")
        }
        self.host = String(host)
        self.port = port
    }

    /// A comma-separated list of addresses; spaces around the commas and empty places are ignored.
    ///
    /// - Throws: ``KafkaClientError/Code/invalidConfiguration`` when an address is wrong or the list holds none.
    public static func parseList(_ text: String) throws(KafkaClientError) -> [ServerAddress] {
        var addresses: [ServerAddress] = []
        for part in text.split(separator: ",") {
            let trimmed = trimmingSpaces(part)
            guard !trimmed.isEmpty else { continue }
            let address = try ServerAddress(parsing: String(trimmed))
            if !addresses.contains(address) {
                addresses.append(address)
            }
        }
        guard !addresses.isEmpty else {
            throw KafkaClientError(
                .invalidConfiguration,
                "The list of bootstrap servers is empty; expected host:port, or several separated by commas."
            )
        }
        return addresses
    }

    /// `host:port`, with brackets around an IPv6 address.
    public var description: String {
        host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }

    private static func withoutListener(_ text: Substring) -> Substring {
        let trimmed = trimmingSpaces(text)
        guard let slash = trimmed.firstIndex(of: "/"), slash != trimmed.startIndex else { return trimmed }
        let before = trimmed[..<slash]
        let after = trimmed[slash...]
        guard before.last == ":", after.hasPrefix("//"), before.dropLast().utf8.allSatisfy(isListenerByte) else {
            return trimmed
        }
        return after.dropFirst(2)
    }

    private static func invalid(_ text: String, _ reason: String) -> KafkaClientError {
        KafkaClientError(.invalidConfiguration, "'\(text)' is not a server address: \(reason).")
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (0x30...0x39) ~= byte || (0x41...0x5A) ~= byte || (0x61...0x7A) ~= byte
    }

    private static func isListenerByte(_ byte: UInt8) -> Bool {
        isAlphanumeric(byte) || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
    }

    /// Letters, digits, `-`, `_`, `.` and every byte above ASCII (a resolver decides about those).
    private static func isHostByte(_ byte: UInt8) -> Bool {
        isListenerByte(byte) || byte >= 0x80
    }

    /// Hexadecimal digits and separators, and a zone such as `%eth0`.
    private static func isIPv6Byte(_ byte: UInt8) -> Bool {
        isAlphanumeric(byte) || byte == UInt8(ascii: ":") || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "%")
    }
}

/// The text without spaces and tabs at its ends.
func trimmingSpaces(_ text: Substring) -> Substring {
    let isSpace = { (character: Character) in character == " " || character == "\t" }
    var trimmed = text.drop(while: isSpace)
    while let last = trimmed.last, isSpace(last) {
        trimmed.removeLast()
    }
    return trimmed
}

/// What a peer seems to speak instead of Kafka's protocol, guessed from the first four bytes of its first answer.
package enum ForeignProtocol: Equatable, Sendable {
    /// The answer begins like a status line of HTTP.
    case http
    /// The answer begins like a record of TLS: an alert (0x15) or a handshake (0x16).
    case tls
    /// The answer begins like the greeting of an SSH server.
    case ssh
    /// The answer begins like printable text of another kind, as mail servers greet.
    case text(String)
    /// Bytes that make no sensible frame length.
    case garbage(prefix: UInt32)

    package init(prefix: UInt32) {
        let bytes = (0..<4).map { UInt8(truncatingIfNeeded: prefix >> (24 - 8 * UInt32($0))) }
        switch (bytes[0], bytes[1]) {
        case (0x15, 0x03), (0x16, 0x03):
            self = .tls
        default:
            let text = String(decoding: bytes, as: UTF8.self)
            switch text {
            case "HTTP": self = .http
            case "SSH-": self = .ssh
            default:
                let printable = bytes.allSatisfy { (0x20...0x7E).contains($0) }
                self = printable ? .text(text) : .garbage(prefix: prefix)
            }
        }
    }
}

import Glibc

/// A TCP connection for a moment: connects, may say something, and hears the first bytes of the answer.
///
/// Apart from the client's own connections, since it has to talk to those who do not speak Kafka's protocol.
enum SocketProbe {
    /// Connects, sends `greeting`, and returns up to eight bytes of the answer; none when there is nothing to send, or
    /// when the peer says nothing or closes. Blocks up to twice the time limit.
    static func exchange(
        with address: HostLookup.Address,
        sending greeting: [UInt8] = [],
        timeout: Duration
    ) throws(SocketDial.Failure) -> [UInt8] {
        let descriptor = try SocketDial.connect(to: address, timeout: timeout)
        defer { close(descriptor) }
        guard !greeting.isEmpty else { return [] }
        guard send(descriptor, greeting, greeting.count, Int32(MSG_NOSIGNAL)) == greeting.count else {
            return []
        }
        guard SocketDial.wait(descriptor, POLLIN, timeout) else { return [] }
        var answer = [UInt8](repeating: 0, count: 8)
        let count = recv(descriptor, &answer, answer.count, 0)
        return count > 0 ? Array(answer.prefix(count)) : []
    }

    /// A TLS 1.2 ClientHello (RFC 5246, 7.4.1.2) that also offers 1.3: any TLS server answers it, if only with an alert.
    ///
    /// - Parameter random: 32 bytes.
    static func clientHello(random: [UInt8]) -> [UInt8] {
        // ECDHE and RSA with AES-GCM, and two of TLS 1.3.
        let ciphers: [UInt8] = [0x13, 0x01, 0x13, 0x02, 0xc0, 0x2f, 0xc0, 0x2b, 0xc0, 0x30, 0xc0, 0x2c, 0x00, 0x9c]
        // supported_groups: x25519, secp256r1; ec_point_formats; signature_algorithms.
        let extensions: [UInt8] =
            [0x00, 0x0a, 0x00, 0x06, 0x00, 0x04, 0x00, 0x1d, 0x00, 0x17]
            + [0x00, 0x0b, 0x00, 0x02, 0x01, 0x00]
            + [0x00, 0x0d, 0x00, 0x0a, 0x00, 0x08, 0x04, 0x03, 0x08, 0x04, 0x04, 0x01, 0x05, 0x01]
        var hello: [UInt8] = [0x03, 0x03] + random + [0x00]
        hello += [0x00, UInt8(ciphers.count)] + ciphers + [0x01, 0x00]
        hello += [0x00, UInt8(extensions.count)] + extensions
        let message: [UInt8] = [0x01, 0x00, 0x00, UInt8(hello.count)] + hello
        return [0x16, 0x03, 0x01, 0x00, UInt8(message.count)] + message
    }

    /// Whether the first bytes of an answer are a record of TLS: a handshake, or an alert.
    static func isTLS(_ answer: [UInt8]) -> Bool {
        answer.count >= 2 && (answer[0] == 0x16 || answer[0] == 0x15) && answer[1] == 0x03
    }
}

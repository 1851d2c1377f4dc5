/// How a password becomes what is kept of it (SCRAM, RFC 5802 and 7677); raw values are those of the protocol.
package enum ScramAlgorithm: Int8, Sendable, CaseIterable {
    case sha256 = 1
    case sha512 = 2

    /// The mechanism's name in SASL.
    package var name: String {
        switch self {
        case .sha256: "SCRAM-SHA-256"
        case .sha512: "SCRAM-SHA-512"
        }
    }

    /// Fewer make a password too easy to guess, more would keep the broker busy at every login.
    package static let iterations = 4096...16384

    /// What stands for the password from here on. Kafka prepares passwords in no other way than as UTF-8.
    package func saltedPassword(_ password: String, salt: [UInt8], iterations: Int) -> [UInt8] {
        let password = Array(password.utf8)
        return switch self {
        case .sha256: HMAC<SHA256>(key: password).stretch(salt: salt, iterations: iterations)
        case .sha512: HMAC<SHA512>(key: password).stretch(salt: salt, iterations: iterations)
        }
    }

    /// What a server keeps: enough to check a client and to prove itself, too little to log in with.
    package func serverKeys(saltedPassword: [UInt8]) -> (stored: [UInt8], server: [UInt8]) {
        switch self {
        case .sha256: Self.serverKeys(SHA256.self, saltedPassword)
        case .sha512: Self.serverKeys(SHA512.self, saltedPassword)
        }
    }

    private static func serverKeys<Digest: DigestAlgorithm>(
        _ digest: Digest.Type,
        _ saltedPassword: [UInt8]
    ) -> (stored: [UInt8], server: [UInt8]) {
        let keyed = HMAC<Digest>(key: saltedPassword)
        let client = keyed.authenticate(Array("Client Key".utf8))
        return (Digest.digest(client), keyed.authenticate(Array("Server Key".utf8)))
    }
}

/// A cryptographic hash, fed piece by piece.
package protocol DigestAlgorithm: Sendable {
    /// Bytes taken in at a time.
    static var blockSize: Int { get }
    /// Bytes of the digest.
    static var digestSize: Int { get }

    init()

    mutating func update(_ bytes: [UInt8])

    /// The digest of everything that was fed.
    consuming func finish() -> [UInt8]
}

extension DigestAlgorithm {
    /// The digest of some bytes.
    package static func digest(_ bytes: [UInt8]) -> [UInt8] {
        var digest = Self()
        digest.update(bytes)
        return digest.finish()
    }
}

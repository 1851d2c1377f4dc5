/// A digest that only who knows the key can make (RFC 2104).
package struct HMAC<Digest: DigestAlgorithm>: Sendable {
    /// The digests after their first blocks, which depend on the key alone.
    private let inner: Digest
    private let outer: Digest

    package init(key: [UInt8]) {
        var block = key.count > Digest.blockSize ? Digest.digest(key) : key
        block.append(contentsOf: repeatElement(0, count: Digest.blockSize - block.count))
        var (inner, outer) = (Digest(), Digest())
        inner.update(block.map { $0 ^ 0x36 })
        outer.update(block.map { $0 ^ 0x5C })
        (self.inner, self.outer) = (inner, outer)
    }

    package func authenticate(_ message: [UInt8]) -> [UInt8] {
        var (inner, outer) = (inner, outer)
        inner.update(message)
        outer.update(inner.finish())
        return outer.finish()
    }

    /// The first block of PBKDF2 (RFC 8018), which RFC 5802 calls Hi: a key from a password, made slow on purpose.
    ///
    /// The password is the key that this was made with.
    package func stretch(salt: [UInt8], iterations: Int) -> [UInt8] {
        var last = authenticate(salt + [0, 0, 0, 1])
        var result = last
        for _ in stride(from: 1, to: iterations, by: 1) {
            last = authenticate(last)
            for index in result.indices { result[index] ^= last[index] }
        }
        return result
    }
}

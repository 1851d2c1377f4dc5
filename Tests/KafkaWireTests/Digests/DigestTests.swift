import Testing

@testable import KafkaWire

/// The examples of the standards: FIPS 180-4, RFC 4231, RFC 7677.
@Suite struct DigestTests {
    private func hex(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    @Test(arguments: [
        (
            "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce"
                + "47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e"
        ),
        (
            "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
                + "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"
        ),
        (
            String(repeating: "a", count: 1000), "41edece42d63e8d9bf515a9ba6932e1c20cbc9f5a5d134645adb5db1b9737ea3",
            "67ba5535a46e3f86dbfbed8cbbaf0125c76ed549ff8b0b9e03e0c88cf90fa634"
                + "fa7b12b47d77b694de488ace8d9a65967dc96df599727d3292a8d9d447709c97"
        ),
    ])
    func digests(text: String, short: String, long: String) {
        let bytes = Array(text.utf8)
        #expect(hex(SHA256.digest(bytes)) == short)
        #expect(hex(SHA512.digest(bytes)) == long)
        // However it is cut.
        for size in [1, 55, 56, 63, 64, 65, 111, 112, 127, 128, 129] {
            var (first, second) = (SHA256(), SHA512())
            for start in stride(from: 0, to: bytes.count, by: size) {
                let piece = Array(bytes[start..<min(bytes.count, start + size)])
                first.update(piece)
                second.update(piece)
            }
            #expect(hex(first.finish()) == short)
            #expect(hex(second.finish()) == long)
        }
    }

    @Test func keyedDigests() {
        let short = HMAC<SHA256>(key: Array("Jefe".utf8)).authenticate(Array("what do ya want for nothing?".utf8))
        #expect(hex(short) == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
        let message = Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8)
        let long = HMAC<SHA512>(key: [UInt8](repeating: 0xAA, count: 131)).authenticate(message)
        #expect(
            hex(long) == "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f352"
                + "6b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598"
        )
    }

    /// User "user", password "pencil".
    @Test func credentials() {
        let salt: [UInt8] = [
            0x5B, 0x6D, 0x99, 0x68, 0x9D, 0x12, 0x35, 0x8E, 0xEC, 0xA0, 0x4B, 0x14, 0x12, 0x36, 0xFA, 0x81,
        ]
        let short = ScramAlgorithm.sha256.saltedPassword("pencil", salt: salt, iterations: 4096)
        #expect(hex(short) == "c4a49510323ab4f952cac1fa99441939e78ea74d6be81ddf7096e87513dc615d")
        let keys = ScramAlgorithm.sha256.serverKeys(saltedPassword: short)
        #expect(hex(keys.stored) == "586e5df283e6dceb5c3e791d8b8528ec191e664045ce971792e2e6b5bb13e2a6")
        #expect(hex(keys.server) == "c1f3cbc1c13a9d35a14c0990eed97629ea225863e566a4314ab99f3f00e5d9d5")
        let long = ScramAlgorithm.sha512.saltedPassword("pencil", salt: salt, iterations: 4096)
        #expect(
            hex(long) == "f16efe1be67f1d09502ebd5ed9262fddffba5a377ab4f0b687e5ed5ba0f50686"
                + "b8a4ae166476da8ab3b951d2fa9238b63998f45461bc33a464814949cec9631d"
        )
        #expect(
            hex(ScramAlgorithm.sha512.serverKeys(saltedPassword: long).stored)
                == "e8002e6f7d3ae446119b216933644dc2a2be7869eb918b8459b5e7d7d2ec1260"
                + "6aceef106825cd735170a675fd3611f684affad1dce3f43a0ee43bd590e1dbbe"
        )
        #expect(ScramAlgorithm.sha256.saltedPassword("x", salt: [1], iterations: 1).count == 32)
    }
}

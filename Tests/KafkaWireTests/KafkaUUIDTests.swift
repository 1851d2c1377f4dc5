import KafkaWire
import NIOCore
import Testing

@Suite struct KafkaUUIDTests {
    @Test func textForm() {
        #expect(KafkaUUID.zero.description == "AAAAAAAAAAAAAAAAAAAAAA")
        #expect(KafkaUUID.one.description == "AAAAAAAAAAAAAAAAAAAAAQ")
        let uuid = KafkaUUID(high: 0x0D2C_6C5E_7F3A_4B1E, low: 0x9A44_0011_2233_AABB)
        #expect(uuid.description == "DSxsXn86Sx6aRAARIjOquw")
        #expect(KafkaUUID(base64: "DSxsXn86Sx6aRAARIjOquw") == uuid)
        #expect(KafkaUUID(base64: "DSxsXn86Sx6aRAARIjOquw==") == uuid)
        let ones = KafkaUUID(high: .max, low: .max)
        #expect(ones.description == "_____________________w")
        #expect(KafkaUUID(base64: "_____________________w") == ones)
    }

    @Test(arguments: [
        "", "A", "AAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAA+A",
        "AAAAAAAAAAAAAAAAAAAAAB", "AAAAAAAAAAAAAAAAAAAAAA=", "äAAAAAAAAAAAAAAAAAAAA",
    ])
    func notAnIdentifier(text: String) {
        #expect(KafkaUUID(base64: text) == nil)
    }

    @Test func randomIdentifiers() {
        for _ in 0..<500 {
            let uuid = KafkaUUID.random()
            #expect(uuid.high >> 12 & 0xF == 4)
            #expect(uuid.low >> 62 == 2)
            #expect(!uuid.description.hasPrefix("-"))
            #expect(uuid.description.count == 22)
            #expect(KafkaUUID(base64: uuid.description) == uuid)
        }
    }

    @Test func order() {
        #expect(KafkaUUID.zero < KafkaUUID.one)
        #expect(KafkaUUID(high: .max, low: 0) < KafkaUUID.zero)
    }

    @Test func wireForm() throws {
        let uuid = KafkaUUID.random()
        var writer = WireWriter()
        writer.writeUUID(uuid)
        var reader = WireReader(writer.buffer)
        #expect(try reader.readUUID() == uuid)
    }
}

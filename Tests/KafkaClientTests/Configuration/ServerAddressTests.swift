import KafkaClient
import Testing

@Suite struct ServerAddressTests {
    @Test(arguments: [
        ("localhost:9092", "localhost", 9092),
        ("  kafka-1.example.com:19092 ", "kafka-1.example.com", 19092),
        ("127.0.0.1:1", "127.0.0.1", 1),
        ("[::1]:9092", "::1", 9092),
        ("[fe80::1%eth0]:65535", "fe80::1%eth0", 65535),
        ("PLAINTEXT://broker_3:9092", "broker_3", 9092),
        ("SASL_SSL://[2001:db8::7]:9093", "2001:db8::7", 9093),
    ])
    func understands(text: String, host: String, port: Int) throws {
        #expect(try ServerAddress(parsing: text) == ServerAddress(host: host, port: port))
    }

    @Test(arguments: [
        ("", "it is empty"),
        ("localhost", "the port is missing; try localhost:9092"),
        ("localhost:", "the port is missing after the colon"),
        (":9092", "the host is missing; try localhost:9092"),
        ("localhost:0", "'0' is not a port"),
        ("localhost:65536", "'65536' is not a port"),
        ("localhost:99999999999999999999", "is not a port"),
        ("localhost:+1", "'+1' is not a port"),
        ("localhost:http", "'http' is not a port"),
        ("::1:9092", "an IPv6 address needs brackets"),
        ("[::1]", "the port is missing; try [::1]:9092"),
        ("[::1:9092", "the bracket is not closed"),
        ("[zz/zz]:1", "is not an IPv6 address"),
        ("a b:9092", "is not a host name"),
        ("http://:9092", "the host is missing"),
    ])
    func refuses(text: String, reason: String) {
        let error = #expect(throws: KafkaClientError.self) { try ServerAddress(parsing: text) }
        #expect(error?.code == .invalidConfiguration)
        #expect(error?.message.contains(reason) == true, "\(error?.message ?? "")")
    }

    @Test func readsListsOnce() throws {
        let list = try ServerAddress.parseList("a:1, b:2,,a:1 ,[::1]:3")
        #expect(list.map(\.description) == ["a:1", "b:2", "[::1]:3"])
        #expect(throws: KafkaClientError.self) { try ServerAddress.parseList(" , ") }
        #expect(throws: KafkaClientError.self) { try ServerAddress.parseList("a:1,b") }
    }
}

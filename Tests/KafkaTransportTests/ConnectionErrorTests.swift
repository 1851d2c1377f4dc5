import KafkaMessages
import KafkaTransport
import KafkaWire
import Testing

@Suite struct ConnectionErrorTests {
    private static let bootstrap = PeerAddress(host: "kafka.example", port: 9092)
    private static let advertised = PeerAddress(host: "::1", port: 9093, source: .advertised(brokerID: 3))

    private static let all: [ConnectionError] = [
        .refused(bootstrap), .nameNotFound(bootstrap), .unreachable(advertised, reason: "No route to host"),
        .connectTimedOut(bootstrap, after: .seconds(10)), .negotiationTimedOut(bootstrap, after: .milliseconds(1500)),
        .requestTimedOut(advertised, api: .fetch, after: .seconds(30)), .notKafka(bootstrap, .http),
        .notKafka(bootstrap, .tls), .notKafka(bootstrap, .ssh), .notKafka(bootstrap, .text("220 ")),
        .notKafka(bootstrap, .garbage(prefix: 0xDEAD_BEEF)), .closedDuringNegotiation(bootstrap),
        .negotiationFailed(bootstrap, .invalidRequest), .authenticationFailed(bootstrap, reason: "no"),
        .closed(bootstrap, .byPeer), .closed(bootstrap, .byUs), .closed(bootstrap, .idle),
        .closed(bootstrap, .afterTimeout(.produce)), .closed(bootstrap, .outOfStep),
        .closed(bootstrap, .failed(reason: "Connection reset by peer")),
        .unsupportedVersion(bootstrap, api: .fetch, ours: 4...17, theirs: 0...3),
        .unsupportedVersion(bootstrap, api: .fetch, ours: 4...17, theirs: nil),
        .malformedResponse(bootstrap, api: .fetch, .varintTooLong),
        .unencodableRequest(bootstrap, api: .fetch, .tooLarge(1)),
        .cancelled(bootstrap),
    ]

    @Test(arguments: all) func everyErrorNamesItsAddress(error: ConnectionError) {
        let text = error.description
        let nameAlone = error == .nameNotFound(Self.bootstrap)
        #expect(text.contains(nameAlone ? error.address.host : error.address.hostAndPort))
        #expect(text.hasSuffix("."))
        #expect(!text.contains(".."))
    }

    @Test func theRemedyDependsOnWhoNamedTheAddress() {
        #expect(ConnectionError.refused(Self.bootstrap).description.contains("--bootstrap-server"))
        let text = ConnectionError.refused(Self.advertised).description
        #expect(text.contains("[::1]:9093 (advertised by broker 3)"))
        #expect(text.contains("advertised.listeners"))
    }

    @Test func versionsAndTimesAreTold() {
        let text = ConnectionError.unsupportedVersion(Self.bootstrap, api: .fetch, ours: 4...17, theirs: 3...3)
            .description
        #expect(text.contains("in versions 3, this client speaks 4 to 17"))
        #expect(
            ConnectionError.connectTimedOut(Self.bootstrap, after: .milliseconds(1500)).description.contains("1500 ms")
        )
        #expect(ConnectionError.notKafka(Self.bootstrap, .tls).description.contains("security.protocol"))
    }

    @Test(arguments: [
        (UInt32(0x4854_5450), ForeignProtocol.http), (0x1503_0300, .tls), (0x1603_0102, .tls), (0x5353_482D, .ssh),
        (0x3232_3020, .text("220 ")), (0xFFFF_FFFF, .garbage(prefix: 0xFFFF_FFFF)),
    ])
    func foreignProtocolsAreKnownByTheirFirstBytes(prefix: UInt32, expected: ForeignProtocol) {
        #expect(ForeignProtocol(prefix: prefix) == expected)
    }
}

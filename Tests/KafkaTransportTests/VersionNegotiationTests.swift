import KafkaMessages
import KafkaTransport
import KafkaWire
import NIOCore
import Testing

@Suite struct VersionNegotiationTests {
    private func body(
        _ code: ErrorCode,
        version: Int16,
        apis: [(Int16, Int16, Int16)] = []
    ) throws -> ByteBuffer {
        var response = ApiVersionsResponse()
        response.errorCode = code
        response.apiKeys = apis.map { api in
            var entry = ApiVersionsResponse.ApiVersion()
            (entry.apiKey, entry.minVersion, entry.maxVersion) = api
            return entry
        }
        let frame = try ResponseEncoder.encode(response, version: version, correlationID: 1).flattened()
        return try #require(frame.getSlice(at: 8, length: frame.readableBytes - 8))
    }

    @Test func theHighestVersionIsTriedFirst() throws {
        var negotiation = VersionNegotiation(highest: 4)
        #expect(negotiation.start == .ask(version: 4))
        guard case .done(let response) = negotiation.received(try body(.none, version: 4, apis: [(1, 4, 17)])) else {
            Issue.record("not done")
            return
        }
        #expect(VersionTable(response).offered == [1: 4...17])
    }

    @Test func theOfferedVersionIsTriedNextThenZero() throws {
        var negotiation = VersionNegotiation(highest: 4)
        #expect(negotiation.received(try body(.unsupportedVersion, version: 0, apis: [(18, 0, 3)])) == .ask(version: 3))
        #expect(negotiation.received(try body(.unsupportedVersion, version: 0, apis: [(18, 0, 3)])) == .ask(version: 2))
        #expect(negotiation.received(try body(.unsupportedVersion, version: 0)) == .ask(version: 0))
        #expect(negotiation.received(try body(.unsupportedVersion, version: 0)) == .refused(.unsupportedVersion))
    }

    @Test func anEmptyRefusalMeansVersionZero() throws {
        var negotiation = VersionNegotiation(highest: 4)
        #expect(negotiation.received(ByteBuffer(integer: Int16(35))) == .ask(version: 0))
        guard case .done = negotiation.received(try body(.none, version: 0, apis: [(18, 0, 0)])) else {
            Issue.record("not done")
            return
        }
    }

    @Test func aDislikedSoftwareNameMeansVersionZero() throws {
        var negotiation = VersionNegotiation(highest: 4)
        #expect(negotiation.received(try body(.invalidRequest, version: 4)) == .ask(version: 0))
        #expect(negotiation.received(try body(.invalidRequest, version: 0)) == .refused(.invalidRequest))
    }

    @Test func answersCutShortAreUnreadable() throws {
        let whole = try body(.none, version: 4, apis: [(1, 4, 17)])
        for count in 0..<whole.readableBytes {
            var negotiation = VersionNegotiation(highest: 4)
            let cut = try #require(whole.getSlice(at: whole.readerIndex, length: count))
            guard case .unreadable = negotiation.received(cut) else {
                Issue.record("\(count) bytes were read")
                return
            }
        }
    }

    @Test func versionsInCommon() {
        let table = VersionTable([0: 3...13, 1: 0...3])
        #expect(table.highestCommon(.produce, within: 0...11) == 11)
        #expect(table.highestCommon(.fetch, within: 4...17) == nil)
        #expect(table.highestCommon(.fetch, within: 0...17) == 3)
        #expect(table.highestCommon(.metadata, within: 0...12) == nil)
    }
}

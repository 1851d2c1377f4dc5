import KafkaMessages
import Testing

@Suite struct APIKeyTests {
    @Test(arguments: APIKey.allCases)
    func requestAndResponseBelongTogether(apiKey: APIKey) {
        #expect(apiKey.requestType.apiKey == apiKey)
        #expect(apiKey.responseType.apiKey == apiKey)
        #expect(apiKey.requestType.validVersions == apiKey.responseType.validVersions)
        #expect("\(apiKey.requestType)" == apiKey.name + "Request")
        #expect("\(apiKey.responseType)" == apiKey.name + "Response")
        #expect(apiKey.description == apiKey.name)
    }

    @Test func headersOfRequests() {
        #expect(APIKey.controlledShutdown.requestHeaderVersion(for: 0) == 0)
        #expect(APIKey.controlledShutdown.requestHeaderVersion(for: 1) == 1)
        #expect(APIKey.fetch.requestHeaderVersion(for: 11) == 1)
        #expect(APIKey.fetch.requestHeaderVersion(for: 12) == 2)
        #expect(APIKey.apiVersions.requestHeaderVersion(for: 3) == 2)
        #expect(APIKey.saslHandshake.requestHeaderVersion(for: 1) == 1)
    }

    @Test func headersOfResponses() {
        #expect(APIKey.fetch.responseHeaderVersion(for: 11) == 0)
        #expect(APIKey.fetch.responseHeaderVersion(for: 12) == 1)
        for version in APIKey.apiVersions.validVersions {
            #expect(APIKey.apiVersions.responseHeaderVersion(for: version) == 0)
        }
    }

    @Test func listeners() {
        #expect(APIKey.produce.listeners == [.broker])
        #expect(APIKey.vote.listeners == [.controller])
        #expect(APIKey.createTopics.listeners == [.broker, .controller])
        #expect(APIKey.leaderAndIsr.listeners.isEmpty)
    }

    @Test func unknownKeys() {
        #expect(APIKey(rawValue: -1) == nil)
        #expect(APIKey(rawValue: 88) == nil)
        #expect(APIKey(rawValue: 87) == .readShareGroupStateSummary)
    }
}

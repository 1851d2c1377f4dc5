import KafkaMessages
import Testing

@Suite struct ErrorCodeTests {
    @Test func allCodesHaveNamesAndSentences() {
        #expect(ErrorCode.known.count == 135)
        #expect(Set(ErrorCode.known.map(\.name)).count == 135)
        for code in ErrorCode.known {
            #expect(!code.name.hasPrefix("UNKNOWN_ERROR_"))
            #expect(code.message.hasSuffix("."))
            #expect(code == .none || !code.exceptionName.isEmpty)
        }
    }

    @Test func facts() {
        #expect(ErrorCode.unknownTopicOrPartition.rawValue == 3)
        #expect(ErrorCode.unknownTopicOrPartition.name == "UNKNOWN_TOPIC_OR_PARTITION")
        #expect(ErrorCode.unknownTopicOrPartition.refreshesMetadata)
        #expect(ErrorCode.topicAlreadyExists.exceptionName == "TopicExistsException")
        #expect(ErrorCode.requestTimedOut.exceptionName == "TimeoutException")
        #expect(ErrorCode.notCoordinator.refreshesCoordinator)
        #expect(ErrorCode.notCoordinator.isRetriable)
        #expect(!ErrorCode.notCoordinator.refreshesMetadata)
        #expect(ErrorCode.notEnoughReplicas.isRetriable)
        #expect(!ErrorCode.invalidRequest.isRetriable)
        #expect(!ErrorCode.none.isRetriable)
        #expect(ErrorCode.unknownServerError.rawValue == -1)
        #expect(ErrorCode.shareSessionLimitReached.rawValue == 133)
    }

    @Test(arguments: [-2, 134, 999] as [Int16])
    func unknownCodesAreKept(value: Int16) {
        let code = ErrorCode(rawValue: value)
        #expect(code.rawValue == value)
        #expect(code.name == "UNKNOWN_ERROR_\(value)")
        #expect(code.message.contains("\(value)"))
        #expect(!code.isRetriable)
    }
}

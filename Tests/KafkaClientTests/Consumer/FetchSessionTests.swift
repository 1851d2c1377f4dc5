import KafkaClient
import KafkaMessages
import KafkaWire
import Testing

@Suite struct FetchSessionTests {
    private let id = KafkaUUID(high: 1, low: 2)

    private func target(_ partition: Int32, at offset: Int64, id: KafkaUUID = .zero) -> FetchTarget {
        FetchTarget(
            partition: TopicPartition(topic: "t", partition: partition),
            topicID: id,
            offset: offset,
            maxBytes: 100
        )
    }

    @Test func namesOnlyWhatChanges() {
        var session = FetchSession()
        var request = session.next([target(0, at: 0), target(1, at: 0)], offersTopicIDs: false)
        #expect(request.sessionID == 0 && request.epoch == 0 && request.isFull)
        #expect(request.targets.count == 2)
        #expect(session.received(error: .none, sessionID: 77) == .accept)

        request = session.next([target(0, at: 10), target(1, at: 0)], offersTopicIDs: false)
        #expect(request.sessionID == 77 && request.epoch == 1)
        #expect(request.targets == [target(0, at: 10)])
        #expect(session.received(error: .none, sessionID: 77) == .accept)

        request = session.next([target(0, at: 10)], offersTopicIDs: false)
        #expect(request.epoch == 2)
        #expect(request.targets.isEmpty)
        #expect(request.forgotten.map(\.partition.partition) == [1])
        #expect(session.received(error: .none, sessionID: 77) == .accept)

        request = session.next([target(0, at: 10), target(1, at: 0)], offersTopicIDs: false)
        #expect(request.targets == [target(1, at: 0)])
        #expect(request.forgotten.isEmpty)
    }

    @Test func aRefusedSessionIsAskedForAgain() {
        var session = FetchSession()
        for _ in 0..<3 {
            let request = session.next([target(0, at: 0)], offersTopicIDs: false)
            #expect(request.sessionID == 0 && request.epoch == 0 && request.targets.count == 1)
            #expect(session.received(error: .none, sessionID: 0) == .accept)
        }
    }

    @Test(arguments: [
        (ErrorCode.fetchSessionIdNotFound, Int32(0)), (.invalidFetchSessionEpoch, 77), (.fetchSessionTopicIdError, 77),
    ])
    func errorsLeadToAFullRequest(error: ErrorCode, named: Int32) {
        var session = FetchSession()
        _ = session.next([target(0, at: 0)], offersTopicIDs: false)
        _ = session.received(error: .none, sessionID: 77)
        _ = session.next([target(0, at: 0)], offersTopicIDs: false)
        #expect(session.received(error: error, sessionID: 0) == .restart)
        let request = session.next([target(0, at: 0)], offersTopicIDs: false)
        #expect(request.sessionID == named && request.epoch == 0)
        #expect(request.targets.count == 1)
    }

    @Test func aLostAnswerLeadsToAFullRequestThatClosesTheOldSession() {
        var session = FetchSession()
        _ = session.next([target(0, at: 0)], offersTopicIDs: false)
        _ = session.received(error: .none, sessionID: 77)
        _ = session.next([target(0, at: 0)], offersTopicIDs: false)
        session.lost()
        let request = session.next([target(0, at: 0)], offersTopicIDs: false)
        #expect(request.sessionID == 77 && request.epoch == 0 && request.isFull)
        #expect(session.received(error: .none, sessionID: 78) == .accept)
        #expect(session.next([target(0, at: 1)], offersTopicIDs: false).sessionID == 78)
    }

    @Test func usesTopicIdsOnlyWhenAllTopicsHaveOne() {
        var session = FetchSession()
        var request = session.next([target(0, at: 0, id: id)], offersTopicIDs: true)
        #expect(request.usesTopicIDs)
        #expect(session.partition(topicID: id, index: 0) == TopicPartition(topic: "t", partition: 0))
        _ = session.received(error: .none, sessionID: 5)
        request = session.next([target(0, at: 0, id: id), target(1, at: 0)], offersTopicIDs: true)
        #expect(!request.usesTopicIDs)
        #expect(request.isFull && request.sessionID == 5)
    }

    @Test func aTopicMadeAnewReplacesTheOld() {
        var session = FetchSession()
        let newID = KafkaUUID(high: 9, low: 9)
        _ = session.next([target(0, at: 5, id: id)], offersTopicIDs: true)
        _ = session.received(error: .none, sessionID: 5)
        let request = session.next([target(0, at: 5, id: newID)], offersTopicIDs: true)
        #expect(request.targets.map(\.topicID) == [newID])
        #expect(request.forgotten.map(\.topicID) == [id])
    }

    @Test func withoutSessionsEveryRequestIsFull() {
        var session = FetchSession(isEnabled: false)
        for _ in 0..<2 {
            let request = session.next([target(0, at: 0)], offersTopicIDs: false)
            #expect(request.sessionID == 0 && request.epoch == -1 && request.targets.count == 1)
            #expect(session.received(error: .none, sessionID: 0) == .accept)
        }
    }
}

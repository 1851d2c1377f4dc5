package import KafkaMessages

extension ShareConsumerCore {
    /// Whether a request is under way.
    package var isBusy: Bool { !flights.isEmpty }

    /// The requests that close all sessions, with what is left to acknowledge; the rest of what was lent goes back.
    package mutating func close() -> [Int32: ShareAcknowledgeRequest] {
        rest()
        var requests: [Int32: ShareAcknowledgeRequest] = [:]
        for (node, session) in sessions where session.isOpen && flights[node] == nil {
            let acknowledged = ledger.take(for: node)
            flights[node] = acknowledged
            var request = ShareAcknowledgeRequest(groupId: configuration.groupID, memberId: memberID)
            request.shareSessionEpoch = ShareSession.finalEpoch
            request.topics = grouped(acknowledged.keys.sorted(), by: \.topicID).map { id, places in
                ShareAcknowledgeRequest.AcknowledgeTopic(
                    topicId: id,
                    partitions: places.map { place in
                        ShareAcknowledgeRequest.AcknowledgePartition(
                            partitionIndex: place.partition,
                            acknowledgementBatches: (acknowledged[place] ?? []).map { run in
                                ShareAcknowledgeRequest.AcknowledgementBatch(
                                    firstOffset: run.offsets.lowerBound,
                                    lastOffset: run.offsets.upperBound,
                                    acknowledgeTypes: [run.outcome]
                                )
                            }
                        )
                    }
                )
            }
            requests[node] = request
        }
        for node in ledger.creditors where flights[node] == nil {
            lose(
                ledger.take(for: node),
                KafkaClientError(.connectionFailed, "There was no session with broker \(node) any more.")
            )
        }
        return requests
    }

    /// Takes in what came of a request that closes a session.
    package mutating func closed(_ outcome: Result<ShareAcknowledgeResponse, KafkaClientError>, at node: Int32) {
        guard let acknowledged = flights.removeValue(forKey: node) else { return }
        sessions[node]?.lost()
        switch outcome {
        case .failure(let error): lose(acknowledged, error)
        case .success(let response) where response.errorCode != .none:
            lose(
                acknowledged,
                KafkaClientError(
                    "Broker \(node) refuses the last acknowledgements",
                    response.errorCode,
                    detail: response.errorMessage
                )
            )
        case .success(let response):
            var unanswered = acknowledged
            for topic in response.responses {
                for data in topic.partitions {
                    let place = SharePlace(topicID: topic.topicId, partition: data.partitionIndex)
                    guard let runs = unanswered.removeValue(forKey: place), data.errorCode != .none,
                        let partition = known[place]
                    else { continue }
                    refuse(runs, of: partition, data.errorCode, data.errorMessage)
                }
            }
            lose(unanswered, .leftOut(by: node))
        }
    }
}

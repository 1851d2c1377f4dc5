import KafkaCoordination
import KafkaMessages
import KafkaTransport
import KafkaWire
import Logging

/// Finds the handler of a request, reads the body, writes the answer. A request that makes no sense closes its
/// connection and harms nobody else.
struct RequestRouter: RequestHandler {
    private let handlers: [Int16: any APIHandler]
    private let logger: Logger

    /// - Parameter image: the metadata whose features ApiVersions tells.
    init(
        _ handlers: [any APIHandler],
        image: @escaping @Sendable () -> MetadataImage,
        logger: Logger
    ) {
        self.logger = logger
        let offered = handlers.map { ($0.apiKey, $0.offeredVersions) }
        let all = handlers + [ApiVersionsHandler(image: image, offered: offered)]
        self.handlers = Dictionary(uniqueKeysWithValues: all.map { ($0.apiKey.rawValue, $0) })
    }

    init(_ core: BrokerCore) {
        var handlers: [any APIHandler] = [
            ProduceHandler(core: core), FetchHandler(core: core), ListOffsetsHandler(core: core),
            MetadataHandler(core: core), FindCoordinatorHandler(core: core), CreateTopicsHandler(core: core),
            DeleteTopicsHandler(core: core), DeleteRecordsHandler(core: core), InitProducerIDHandler(core: core),
            OffsetForLeaderEpochHandler(core: core), DescribeConfigsHandler(core: core),
            AlterConfigsHandler(core: core), DescribeLogDirsHandler(core: core), CreatePartitionsHandler(core: core),
            ElectLeadersHandler(core: core), IncrementalAlterConfigsHandler(core: core),
            ListPartitionReassignmentsHandler(core: core), DescribeClusterHandler(core: core),
            DescribeTopicPartitionsHandler(core: core), UpdateFeaturesHandler(core: core),
            AddPartitionsToTxnHandler(core: core), AddOffsetsToTxnHandler(core: core), EndTxnHandler(core: core),
            WriteTxnMarkersHandler(core: core), DescribeProducersHandler(core: core),
            DescribeTransactionsHandler(core: core), ListTransactionsHandler(core: core),
            AlterPartitionReassignmentsHandler(core: core), DescribeQuorumHandler(core: core),
            UnregisterBrokerHandler(core: core), ListConfigResourcesHandler(core: core), AddRaftVoterHandler(),
            RemoveRaftVoterHandler(),
        ]
        handlers += Self.groupHandlers(core)
        handlers += Self.securityHandlers
        handlers += [
            DescribeClientQuotasHandler(core: core), AlterClientQuotasHandler(core: core),
            DescribeUserScramCredentialsHandler(core: core), AlterUserScramCredentialsHandler(core: core),
        ]
        self.init(handlers, image: { core.image }, logger: core.logger)
    }

    private static var securityHandlers: [any APIHandler] {
        [
            DescribeAclsHandler(), CreateAclsHandler(), DeleteAclsHandler(), CreateDelegationTokenHandler(),
            RenewDelegationTokenHandler(), ExpireDelegationTokenHandler(), DescribeDelegationTokenHandler(),
        ]
    }

    private static func groupHandlers(_ core: BrokerCore) -> [any APIHandler] {
        [
            OffsetCommitHandler(core: core), OffsetFetchHandler(core: core), JoinGroupHandler(core: core),
            HeartbeatHandler(core: core), LeaveGroupHandler(core: core), SyncGroupHandler(core: core),
            DescribeGroupsHandler(core: core), ListGroupsHandler(core: core), TxnOffsetCommitHandler(core: core),
            DeleteGroupsHandler(core: core), OffsetDeleteHandler(core: core), ConsumerGroupHeartbeatHandler(core: core),
            ConsumerGroupDescribeHandler(core: core),
        ]
    }

    func handle(_ request: IncomingRequest) async -> ResponseAction {
        guard let handler = handlers[request.apiKey], request.api != nil,
            handler.offeredVersions.contains(request.apiVersion)
        else { return refuse(request) }
        return await handler.serve(request, logger)
    }

    /// ApiVersions is answered in any version, so that a client can find out which one to use; nothing else is.
    private func refuse(_ request: IncomingRequest) -> ResponseAction {
        if request.apiKey == APIKey.apiVersions.rawValue {
            do {
                return .respond(
                    try ResponseEncoder.unsupportedApiVersions(
                        correlationID: request.correlationID,
                        offered: ApiVersionsHandler.versions
                    )
                )
            } catch {
                return request.close("\(error)", logger)
            }
        }
        let name = request.api?.name ?? "API \(request.apiKey)"
        return request.close("\(name) version \(request.apiVersion) is not offered", logger)
    }
}

extension APIHandler {
    var apiKey: APIKey { Request.apiKey }
    var offeredVersions: ClosedRange<Int16> { Self.versions }

    /// Reads the body, has the request handled, writes the answer.
    func serve(_ incoming: IncomingRequest, _ logger: Logger) async -> ResponseAction {
        do {
            let request = try incoming.decode(Request.self)
            let context = RequestContext(
                version: incoming.apiVersion,
                clientID: incoming.clientID,
                connection: incoming.connection
            )
            switch await handle(request, context) {
            case .respond(let response): return .respond(try ResponseEncoder.encode(response, to: incoming))
            case .nothing: return .noResponse
            case .close(let reason): return incoming.close(reason, logger)
            }
        } catch {
            return incoming.close("\(Request.apiKey.name) version \(incoming.apiVersion): \(error)", logger)
        }
    }
}

extension IncomingRequest {
    fileprivate func close(_ reason: String, _ logger: Logger) -> ResponseAction {
        logger.info(
            "Connection closed",
            metadata: [
                "client": "\(connection.remoteHost):\(connection.remotePort)", "client.id": "\(clientID ?? "")",
                "reason": "\(reason)",
            ]
        )
        return .close
    }
}

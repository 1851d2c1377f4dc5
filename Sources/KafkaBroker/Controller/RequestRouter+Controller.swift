import KafkaCoordination
import KafkaMessages

extension RequestRouter {
    /// The APIs of a controller's listener.
    init(_ core: ControllerCore) {
        // What clients send to brokers, and brokers pass on.
        var forwardable: [any APIHandler] = [
            ControllerRequestHandler<CreateTopicsRequest>(core: core),
            ControllerRequestHandler<DeleteTopicsRequest>(core: core),
            ControllerRequestHandler<CreatePartitionsRequest>(core: core),
            ControllerRequestHandler<AlterConfigsRequest>(core: core),
            ControllerRequestHandler<IncrementalAlterConfigsRequest>(core: core),
            ControllerRequestHandler<ElectLeadersRequest>(core: core),
            ControllerRequestHandler<AlterPartitionReassignmentsRequest>(core: core),
            ControllerRequestHandler<ListPartitionReassignmentsRequest>(core: core),
            ControllerRequestHandler<UpdateFeaturesRequest>(core: core),
            ControllerRequestHandler<UnregisterBrokerRequest>(core: core),
            ControllerRequestHandler<AlterClientQuotasRequest>(core: core),
            ControllerRequestHandler<AlterUserScramCredentialsRequest>(core: core),
        ]
        forwardable += [DescribeOwnQuorumHandler(core: core), AddRaftVoterHandler(), RemoveRaftVoterHandler()]
        let own: [any APIHandler] = [
            FetchMetadataHandler(core: core), FetchSnapshotHandler(core: core), VoteHandler(core: core),
            LeaderClaimHandler<BeginQuorumEpochRequest>(core: core),
            LeaderClaimHandler<EndQuorumEpochRequest>(core: core),
            ControllerRequestHandler<BrokerRegistrationRequest>(core: core),
            ControllerRequestHandler<BrokerHeartbeatRequest>(core: core),
            ControllerRequestHandler<AlterPartitionRequest>(core: core),
            ControllerRequestHandler<AllocateProducerIdsRequest>(core: core),
            ControllerRequestHandler<AssignReplicasToDirsRequest>(core: core),
            DescribeControllersHandler(core: core), DescribeConfigsHandler(core: core),
            DescribeAclsHandler(), CreateAclsHandler(), DeleteAclsHandler(),
            EnvelopeHandler(
                core: core,
                forwardable: Dictionary(uniqueKeysWithValues: forwardable.map { ($0.apiKey.rawValue, $0) })
            ),
        ]
        self.init(forwardable + own, image: { core.driver.read { $0.image } }, logger: core.logger)
    }
}

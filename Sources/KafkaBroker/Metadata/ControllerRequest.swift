import KafkaCoordination
import KafkaMessages
import KafkaWire

/// What a decision of the controller may depend on, apart from its state and the request.
struct ControllerInput {
    /// The offset that the first record of the decision will have.
    let nextOffset: Int64
    /// Of a clock that nobody sets; only differences count.
    let nowMs: Int64
    /// In which version the request came.
    let version: Int16
}

/// A request that only the controller can answer, since the answer may change the cluster.
protocol ControllerRequest: KafkaRequest {
    /// The versions in which a controller takes it.
    static var controllerVersions: ClosedRange<Int16> { get }

    func decide(_ controller: inout ClusterController, _ input: ControllerInput) -> ControllerResult<Response>

    /// Whether a broker whose metadata are at `image` shows what `response` says has been done.
    func isVisible(_ response: Response, in image: MetadataImage) -> Bool
}

extension ControllerRequest {
    static var controllerVersions: ClosedRange<Int16> { validVersions }

    func isVisible(_ response: Response, in image: MetadataImage) -> Bool { true }
}

extension CreateTopicsRequest: ControllerRequest {
    static var controllerVersions: ClosedRange<Int16> { 2...7 }

    func decide(
        _ controller: inout ClusterController,
        _ input: ControllerInput
    ) -> ControllerResult<CreateTopicsResponse> {
        var generator = SystemRandomNumberGenerator()
        return controller.createTopics(self, using: &generator)
    }

    func isVisible(_ response: CreateTopicsResponse, in image: MetadataImage) -> Bool {
        validateOnly || response.topics.allSatisfy { $0.errorCode != .none || image.topics[$0.name] != nil }
    }
}

extension DeleteTopicsRequest: ControllerRequest {
    static var controllerVersions: ClosedRange<Int16> { 1...6 }

    func decide(
        _ controller: inout ClusterController,
        _ input: ControllerInput
    ) -> ControllerResult<DeleteTopicsResponse> {
        controller.deleteTopics(self)
    }

    func isVisible(_ response: DeleteTopicsResponse, in image: MetadataImage) -> Bool {
        // Old versions of the answer tell no id.
        response.responses.allSatisfy { topic in
            if topic.errorCode != .none { return true }
            guard topic.topicId == .zero else { return image.topicNames[topic.topicId] == nil }
            return topic.name.map { image.topics[$0] == nil } ?? true
        }
    }
}

extension CreatePartitionsRequest: ControllerRequest {
    func decide(
        _ controller: inout ClusterController,
        _ input: ControllerInput
    ) -> ControllerResult<CreatePartitionsResponse> {
        var generator = SystemRandomNumberGenerator()
        return controller.createPartitions(self, using: &generator)
    }

    func isVisible(_ response: CreatePartitionsResponse, in image: MetadataImage) -> Bool {
        if validateOnly { return true }
        let wanted = Dictionary(topics.map { ($0.name, Int($0.count)) }) { $1 }
        return response.results.allSatisfy { result in
            guard result.errorCode == .none, let topic = image.topics[result.name] else { return true }
            return topic.partitions.count >= wanted[result.name] ?? 0
        }
    }
}

extension AlterConfigsRequest: ControllerRequest {
    func decide(
        _ controller: inout ClusterController,
        _ input: ControllerInput
    ) -> ControllerResult<AlterConfigsResponse> {
        controller.alterConfigs(self)
    }
}

extension IncrementalAlterConfigsRequest: ControllerRequest {
    func decide(
        _ controller: inout ClusterController,
        _ input: ControllerInput
    ) -> ControllerResult<IncrementalAlterConfigsResponse> {
        controller.incrementalAlterConfigs(self)
    }
}

extension UpdateFeaturesRequest: ControllerRequest {
    func decide(
        _ controller: inout ClusterController,
        _ input: ControllerInput
    ) -> ControllerResult<UpdateFeaturesResponse> {
        controller.updateFeatures(self, version: input.version)
    }
}

extension ElectLeadersRequest: ControllerRequest {
    func decide(
        _ controller: inout ClusterController,
        _ input: ControllerInput
    ) -> ControllerResult<ElectLeadersResponse> {
        controller.electLeaders(self)
    }
}

extension AllocateProducerIdsRequest: ControllerRequest {
    func decide(
        _ controller: inout ClusterController,
        _ input: ControllerInput
    ) -> ControllerResult<AllocateProducerIdsResponse> {
        controller.allocateProducerIDs(self)
    }
}

extension AlterPartitionRequest: ControllerRequest {
    static var controllerVersions: ClosedRange<Int16> { 2...3 }

    func decide(
        _ controller: inout ClusterController,
        _ input: ControllerInput
    ) -> ControllerResult<AlterPartitionResponse> {
        controller.alterPartition(self)
    }
}

extension BrokerRegistrationRequest: ControllerRequest {
    func decide(
        _ controller: inout ClusterController,
        _ input: ControllerInput
    ) -> ControllerResult<BrokerRegistrationResponse> {
        controller.registerBroker(self, nextOffset: input.nextOffset, nowMs: input.nowMs)
    }
}

extension BrokerHeartbeatRequest: ControllerRequest {
    static var controllerVersions: ClosedRange<Int16> { 0...1 }

    func decide(
        _ controller: inout ClusterController,
        _ input: ControllerInput
    ) -> ControllerResult<BrokerHeartbeatResponse> {
        controller.heartbeat(self, nextOffset: input.nextOffset, nowMs: input.nowMs)
    }
}

extension UnregisterBrokerRequest: ControllerRequest {
    func decide(
        _ controller: inout ClusterController,
        _ input: ControllerInput
    ) -> ControllerResult<UnregisterBrokerResponse> {
        controller.unregisterBroker(self)
    }
}

extension AlterPartitionReassignmentsRequest: ControllerRequest {
    func decide(
        _ controller: inout ClusterController,
        _ input: ControllerInput
    ) -> ControllerResult<AlterPartitionReassignmentsResponse> {
        controller.alterPartitionReassignments(self)
    }
}

extension ListPartitionReassignmentsRequest: ControllerRequest {
    func decide(
        _ controller: inout ClusterController,
        _ input: ControllerInput
    ) -> ControllerResult<ListPartitionReassignmentsResponse> {
        ControllerResult(answer: controller.image.reassignments(self))
    }
}

extension AssignReplicasToDirsRequest: ControllerRequest {
    func decide(
        _ controller: inout ClusterController,
        _ input: ControllerInput
    ) -> ControllerResult<AssignReplicasToDirsResponse> {
        controller.assignReplicasToDirectories(self)
    }
}

import KafkaClient
import KafkaMessages
import KafkaTestSupport
import KafkaWire
import NIOCore
import Synchronization
import Testing

/// Administration of groups against brokers that answer by script.
@Suite(.timeLimit(.minutes(1))) struct GroupAdminTests {
    private func withAdmin(
        nodes: Int = 2,
        _ script: ScriptedCluster.Script,
        _ body: @Sendable @escaping (KafkaAdmin) async throws -> Void
    ) async throws {
        try await ScriptedCluster.with(nodes: nodes, script) { cluster in
            let address = ServerAddress(host: "127.0.0.1", port: cluster.ports[1] ?? 0)
            try await KafkaCluster.withCluster(ClientConfiguration(bootstrapServers: [address])) { cluster in
                try await body(KafkaAdmin(cluster: cluster))
            }
        }
    }

    @Test func everyBrokerListsItsGroups() async throws {
        var script = ScriptedCluster.Script()
        script.answerBasics(topics: [:])
        script.answer(ListGroupsRequest.self) { request, call in
            var response = ListGroupsResponse()
            guard call.node == 1 else {
                response.errorCode = .clusterAuthorizationFailed
                return response
            }
            var group = ListGroupsResponse.ListedGroup(groupId: "g")
            group.protocolType = request.statesFilter.joined(separator: "+") + request.typesFilter.joined()
            group.groupState = "Reconciling"
            group.groupType = "consumer"
            response.groups = [group]
            return response
        }
        try await withAdmin(script) { admin in
            let answers = try await admin.listGroups(states: [.stable, .empty], types: [.consumer])
            let byID = Dictionary(uniqueKeysWithValues: answers.map { ($0.key.id, $0.value) })
            let listed = try byID[1]?.get()
            #expect(
                listed == [
                    GroupListing(id: "g", protocolType: "Empty+StableConsumer", state: .reconciling, type: .consumer)
                ]
            )
            let failure = #expect(throws: KafkaClientError.self) { try byID[2]?.get() }
            #expect(failure?.brokerError == .clusterAuthorizationFailed)
        }
    }

    @Test func oldBrokersCannotFilter() async throws {
        var script = ScriptedCluster.Script()
        script.answerBasics(topics: [:])
        script.answer(ListGroupsRequest.self, versions: 0...3) { _, _ in
            ListGroupsResponse(groups: [ListGroupsResponse.ListedGroup(groupId: "g")])
        }
        try await withAdmin(nodes: 1, script) { admin in
            let plain = try await admin.listGroups(types: [.classic]).values.first?.get()
            #expect(plain == [GroupListing(id: "g", protocolType: "", state: .unknown, type: .unknown)])
            let filtered = try await admin.listGroups(states: [.stable]).values.first
            let failure = #expect(throws: KafkaClientError.self) { try filtered?.get() }
            #expect(failure?.code == .unsupportedByBroker)
        }
    }

    /// The coordinator moves from node 1 to node 2 while it is asked, and cannot be told for a moment before that.
    @Test func theCoordinatorIsFollowed() async throws {
        let looks = Mutex(0)
        var script = ScriptedCluster.Script()
        script.answerBasics(topics: [:])
        script.answer(FindCoordinatorRequest.self, versions: 0...4) { request, call in
            let look = looks.withLock { looks in
                looks += 1
                return looks
            }
            var response = FindCoordinatorResponse()
            response.coordinators = request.coordinatorKeys.map { key in
                let node: Int32 = look > 2 ? 2 : 1
                var item = FindCoordinatorResponse.Coordinator(key: key, nodeId: node, host: "127.0.0.1")
                item.port = Int32(call.ports[node] ?? 0)
                item.errorCode = look == 1 ? .coordinatorNotAvailable : .none
                return item
            }
            return response
        }
        script.answer(DeleteGroupsRequest.self) { request, call in
            var response = DeleteGroupsResponse()
            response.results = request.groupsNames.map { name in
                let error: ErrorCode = call.node == 1 ? .notCoordinator : name == "b" ? .nonEmptyGroup : .none
                return DeleteGroupsResponse.DeletableGroupResult(groupId: name, errorCode: error)
            }
            return response
        }
        try await withAdmin(script) { admin in
            let results = try await admin.deleteGroups(["a", "b"])
            try results["a"]?.get()
            let failure = #expect(throws: KafkaClientError.self) { try results["b"]?.get() }
            #expect(failure?.brokerError == .nonEmptyGroup)
        }
        #expect(looks.withLock { $0 } == 3)
    }

    @Test func groupsOfBothProtocolsAreDescribed() async throws {
        var script = ScriptedCluster.Script()
        script.answerBasics(topics: [:])
        script.answer(ConsumerGroupDescribeRequest.self) { request, _ in
            var response = ConsumerGroupDescribeResponse()
            response.groups = request.groupIds.map { id in
                var group = ConsumerGroupDescribeResponse.DescribedGroup(groupId: id)
                group.errorCode = id == "modern" ? .none : .groupIdNotFound
                group.groupState = "Assigning"
                group.groupEpoch = 9
                group.assignmentEpoch = 8
                var member = ConsumerGroupDescribeResponse.Member(memberId: "m")
                member.memberType = 0
                member.memberEpoch = 7
                member.assignment.topicPartitions = [
                    ConsumerGroupDescribeResponse.TopicPartitions(topicName: "t", partitions: [3, 1])
                ]
                group.members = [member]
                return group
            }
            return response
        }
        script.answer(DescribeGroupsRequest.self, versions: 0...5) { request, _ in
            var response = DescribeGroupsResponse()
            response.groups = try request.groups.map { id in
                var group = DescribeGroupsResponse.DescribedGroup(groupId: id)
                group.groupState = id == "gone" ? "Dead" : "Stable"
                group.protocolType = "consumer"
                group.protocolData = "range"
                var assignment = ConsumerProtocolAssignment()
                assignment.assignedPartitions = [
                    ConsumerProtocolAssignment.TopicPartition(topic: "t", partitions: [2, 0])
                ]
                var bytes = try assignment.versioned(3)
                // A version of tomorrow, with something after what is known.
                bytes.setInteger(Int16(9), at: 0)
                bytes.writeString("more")
                var broken = DescribeGroupsResponse.DescribedGroupMember(memberId: "broken")
                broken.memberAssignment = ByteBuffer(bytes: [0, 0, 127, 255, 255, 255])
                var fine = DescribeGroupsResponse.DescribedGroupMember(memberId: "fine")
                fine.memberAssignment = bytes
                fine.groupInstanceId = "i"
                group.members = [broken, fine, DescribeGroupsResponse.DescribedGroupMember(memberId: "idle")]
                return group
            }
            return response
        }
        try await withAdmin(script) { admin in
            let groups = try await admin.describeGroups(["modern", "classic", "gone"])
            let modern = try #require(try groups["modern"]?.get())
            #expect(modern.state == .assigning && modern.groupEpoch == 9 && modern.targetAssignmentEpoch == 8)
            #expect(modern.members[0].assignment?.map(\.partition) == [1, 3])
            #expect(modern.members[0].isUpgraded == false)
            let classic = try #require(try groups["classic"]?.get())
            #expect(classic.assignor == "range" && classic.coordinator.id == 1)
            #expect(classic.members.map(\.assignment?.count) == [nil, 2, 0])
            #expect(classic.members[1].instanceID == "i")
            let failure = #expect(throws: KafkaClientError.self) { try groups["gone"]?.get() }
            #expect(failure?.brokerError == .groupIdNotFound)
        }
    }

    @Test(arguments: [Int16(9), 7])
    func offsetsOfGroups(version: Int16) async throws {
        let partition = TopicPartition(topic: "t", partition: 2)
        var script = ScriptedCluster.Script()
        script.answerBasics(topics: [:])
        script.answer(OffsetFetchRequest.self, versions: 1...version) { request, call in
            var response = OffsetFetchResponse()
            func stored<Partition>(_ make: (Int32, Int64) -> Partition) -> [Partition] { [make(2, 5), make(3, -1)] }
            if call.version >= 8 {
                response.groups = request.groups.map { wanted in
                    var group = OffsetFetchResponse.OffsetFetchResponseGroup(groupId: wanted.groupId)
                    group.errorCode = wanted.groupId == "no" ? .groupAuthorizationFailed : .none
                    var topic = OffsetFetchResponse.OffsetFetchResponseTopics(name: "t")
                    topic.partitions = stored {
                        OffsetFetchResponse.OffsetFetchResponsePartitions(partitionIndex: $0, committedOffset: $1)
                    }
                    group.topics = [topic]
                    return group
                }
            } else {
                response.errorCode = request.groupId == "no" ? .groupAuthorizationFailed : .none
                var topic = OffsetFetchResponse.OffsetFetchResponseTopic(name: "t")
                topic.partitions = stored {
                    OffsetFetchResponse.OffsetFetchResponsePartition(partitionIndex: $0, committedOffset: $1)
                }
                response.topics = [topic]
            }
            return response
        }
        try await withAdmin(script) { admin in
            let groups = try await admin.listGroupOffsets(["g", "no"])
            #expect(try groups["g"]?.get() == [partition: GroupOffset(5)])
            let failure = #expect(throws: KafkaClientError.self) { try groups["no"]?.get() }
            #expect(failure?.brokerError == .groupAuthorizationFailed)
        }
    }

    @Test func offsetsAreStoredByTheCoordinatorOnly() async throws {
        let attempts = Mutex(0)
        let partition = TopicPartition(topic: "t", partition: 2)
        var script = ScriptedCluster.Script()
        script.answerBasics(topics: [:])
        script.answer(OffsetCommitRequest.self, versions: 2...9) { request, _ in
            let attempt = attempts.withLock { attempts in
                attempts += 1
                return attempts
            }
            var response = OffsetCommitResponse()
            response.topics = request.topics.map { topic in
                var item = OffsetCommitResponse.OffsetCommitResponseTopic(name: topic.name)
                item.partitions = topic.partitions.map { partition in
                    OffsetCommitResponse.OffsetCommitResponsePartition(
                        partitionIndex: partition.partitionIndex,
                        errorCode: attempt == 1 ? .coordinatorLoadInProgress : .none
                    )
                }
                return item
            }
            return response
        }
        try await withAdmin(script) { admin in
            let results = try await admin.alterGroupOffsets([partition: GroupOffset(5, metadata: "m")], of: "g")
            try results[partition]?.get()
        }
        #expect(attempts.withLock { $0 } == 2)
    }

    @Test func membersLeave() async throws {
        var script = ScriptedCluster.Script()
        script.answerBasics(topics: [:])
        script.answer(LeaveGroupRequest.self) { request, _ in
            var response = LeaveGroupResponse()
            response.members = request.members.map { member in
                var answer = LeaveGroupResponse.MemberResponse(memberId: member.memberId)
                answer.errorCode = member.groupInstanceId == nil ? .none : .unknownMemberId
                return answer
            }
            return response
        }
        try await withAdmin(script) { admin in
            let results = try await admin.removeMembers(
                [.member(id: "m"), .instance(id: "i")],
                from: "g",
                reason: "test"
            )
            try results[.member(id: "m")]?.get()
            let failure = #expect(throws: KafkaClientError.self) { try results[.instance(id: "i")]?.get() }
            #expect(failure?.brokerError == .unknownMemberId)
        }
    }
}

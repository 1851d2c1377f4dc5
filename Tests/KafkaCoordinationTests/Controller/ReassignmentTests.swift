import KafkaMessages
import KafkaWire
import Testing

@testable import KafkaCoordination

struct ReassignmentTests {
    private struct Cluster {
        var world = ControllerWorld()
        var epochs: [Int32: Int64] = [:]

        init() throws {
            for id: Int32 in 1...4 { epochs[id] = try world.addBroker(id) }
            try world.create("t", assignments: [[1, 2]])
        }

        func partition() throws -> PartitionImage { try #require(world.image.topics["t"]).partitions[0] }

        @discardableResult
        mutating func move(
            _ replicas: [Int32]?,
            index: Int32 = 0,
            topic: String = "t",
            keepsFactor: Bool = false
        ) throws -> ErrorCode {
            let request = AlterPartitionReassignmentsRequest(
                allowReplicationFactorChange: !keepsFactor,
                topics: [.init(name: topic, partitions: [.init(partitionIndex: index, replicas: replicas)])]
            )
            let response = try world.commit(world.controller.alterPartitionReassignments(request))
            return try #require(response.responses.first?.partitions.first).errorCode
        }

        mutating func setISR(_ isr: [Int32]) throws -> AlterPartitionResponse.PartitionData {
            let now = try partition()
            let id = try #require(world.image.topics["t"]).id
            let members = isr.map { AlterPartitionRequest.BrokerState(brokerId: $0, brokerEpoch: epochs[$0] ?? -1) }
            let wish = AlterPartitionRequest.PartitionData(
                leaderEpoch: now.leaderEpoch,
                newIsrWithEpochs: members,
                partitionEpoch: now.partitionEpoch
            )
            let request = AlterPartitionRequest(
                brokerId: now.leader,
                brokerEpoch: epochs[now.leader] ?? -1,
                topics: [.init(topicId: id, partitions: [wish])]
            )
            return try #require(
                try world.commit(world.controller.alterPartition(request)).topics.first?.partitions.first
            )
        }
    }

    @Test func movesOnceTheNewReplicasAreInSync() throws {
        var cluster = try Cluster()
        #expect(try cluster.move([3, 4]) == .none)
        var now = try cluster.partition()
        #expect(now.replicas == [3, 4, 1, 2] && now.addingReplicas == [3, 4] && now.removingReplicas == [1, 2])
        #expect(now.leader == 1 && now.leaderEpoch == 0 && now.isr == [1, 2])
        #expect(now.directories.map(\.low) == [1003, 1004, 1001, 1002])
        #expect(try cluster.setISR([1, 2, 3]).errorCode == .none)
        #expect(try cluster.partition().addingReplicas == [3, 4])
        // With the last one the old leader is out.
        #expect(try cluster.setISR([1, 2, 3, 4]).errorCode == .newLeaderElected)
        now = try cluster.partition()
        #expect(now.replicas == [3, 4] && now.isr == [3, 4] && now.leader == 3 && now.leaderEpoch == 1)
        #expect(now.addingReplicas.isEmpty && now.removingReplicas.isEmpty)
        #expect(now.directories.map(\.low) == [1003, 1004])
    }

    @Test func aReplicaThatOnlyGoesGoesAtOnce() throws {
        var cluster = try Cluster()
        #expect(try cluster.move([1]) == .none)
        let now = try cluster.partition()
        #expect(now.replicas == [1] && now.isr == [1] && now.leader == 1)
        // Whoever followed must notice.
        #expect(now.leaderEpoch == 1)
    }

    @Test func takesBackWhatIsUnderWay() throws {
        var cluster = try Cluster()
        #expect(try cluster.move(nil) == .noReassignmentInProgress)
        try cluster.move([2, 3])
        #expect(try cluster.partition().replicas == [2, 3, 1])
        #expect(try cluster.move(nil) == .none)
        let now = try cluster.partition()
        #expect(Set(now.replicas) == [1, 2] && now.addingReplicas.isEmpty && now.removingReplicas.isEmpty)
        #expect(now.isr == [1, 2] && now.leader == 1)
    }

    @Test func aSecondMoveReplacesTheFirst() throws {
        var cluster = try Cluster()
        try cluster.move([1, 3])
        try cluster.move([1, 4])
        let now = try cluster.partition()
        #expect(now.replicas == [1, 4, 2, 3] && now.addingReplicas == [4] && now.removingReplicas == [2, 3])
        _ = try cluster.setISR([1, 2, 4])
        #expect(try cluster.partition().replicas == [1, 4])
    }

    @Test func refusesWhatCannotBe() throws {
        var cluster = try Cluster()
        #expect(try cluster.move([1], topic: "nobody") == .unknownTopicOrPartition)
        #expect(try cluster.move([1], index: 3) == .unknownTopicOrPartition)
        #expect(try cluster.move([]) == .invalidReplicaAssignment)
        #expect(try cluster.move([1, 1]) == .invalidReplicaAssignment)
        #expect(try cluster.move([1, 9]) == .invalidReplicaAssignment)
        #expect(try cluster.move([1], keepsFactor: true) == .invalidReplicationFactor)
    }

    @Test func listsWhatIsUnderWay() throws {
        var cluster = try Cluster()
        try cluster.move([1, 3])
        let all = cluster.world.image.reassignments(ListPartitionReassignmentsRequest(topics: nil))
        #expect(all.topics.first?.partitions.first?.addingReplicas == [3])
        let other = ListPartitionReassignmentsRequest(topics: [.init(name: "t", partitionIndexes: [7])])
        #expect(cluster.world.image.reassignments(other).topics.isEmpty)
    }

    @Test func notesDirectories() throws {
        var cluster = try Cluster()
        let id = try #require(cluster.world.image.topics["t"]).id
        let directory = KafkaUUID(high: 3, low: 3)
        let request = AssignReplicasToDirsRequest(
            brokerId: 2,
            brokerEpoch: cluster.epochs[2] ?? -1,
            directories: [.init(id: directory, topics: [.init(topicId: id, partitions: [.init(partitionIndex: 0)])])]
        )
        try cluster.world.commit(cluster.world.controller.assignReplicasToDirectories(request))
        #expect(try cluster.partition().directories.last == directory && cluster.partition().leaderEpoch == 0)
    }
}

import Foundation
import KafkaMessages
import KafkaTestSupport
import KafkaTransport
import NIOCore
import Testing

@testable import KafkaBroker

/// Groups over a connection: each member has its own, since a waiting request holds up what is behind it.
@Suite struct GroupTests {
    /// Offset 5 of the only partition of topic `t`, by nobody in particular.
    private static let commit = OffsetCommitRequest(
        groupId: "g",
        topics: [.init(name: "t", partitions: [.init(committedOffset: 5)])]
    )

    /// Joins until it has an id, and waits for the rebalance.
    private func join(
        _ connection: ClientConnection,
        _ member: String = "",
        group: String = "g",
        instance: String? = nil,
        version: Int16 = 9
    ) async throws -> JoinGroupResponse {
        var request = JoinGroupRequest(
            groupId: group,
            sessionTimeoutMs: 10_000,
            rebalanceTimeoutMs: version == 0 ? -1 : 20_000,
            memberId: member,
            groupInstanceId: version >= 5 ? instance : nil,
            protocolType: "consumer",
            protocols: [.init(name: "range", metadata: ByteBuffer(string: "subscription"))]
        )
        var answer = try await connection.send(request, version: version, timeout: .seconds(20))
        if answer.errorCode == .memberIdRequired {
            request.memberId = answer.memberId
            answer = try await connection.send(request, version: version, timeout: .seconds(20))
        }
        return answer
    }

    @Test(arguments: 0...9 as ClosedRange<Int16>) func aMemberLivesThroughAllVersions(_ version: Int16) async throws {
        try await withBroker { client in
            _ = try await client.send(FindCoordinatorRequest(coordinatorKeys: ["g"]))
            let joined = try await join(client.connection, version: version)
            #expect(joined.errorCode == .none)
            #expect(joined.generationId == 1)
            #expect(joined.protocolName == "range")
            #expect(joined.leader == joined.memberId)
            let sync = SyncGroupRequest(
                groupId: "g",
                generationId: 1,
                memberId: joined.memberId,
                assignments: [.init(memberId: joined.memberId, assignment: ByteBuffer(string: "all"))]
            )
            let synced = try await client.send(sync, version: min(version, 5))
            #expect(synced.errorCode == .none)
            #expect(String(buffer: synced.assignment) == "all")
            let heartbeat = HeartbeatRequest(groupId: "g", generationId: 1, memberId: joined.memberId)
            #expect(try await client.send(heartbeat, version: min(version, 4)).errorCode == .none)
            let described = try await client.send(
                DescribeGroupsRequest(groups: ["g"], includeAuthorizedOperations: version >= 3),
                version: min(version, 6)
            )
            #expect(described.groups[0].groupState == "Stable")
            #expect(described.groups[0].members.map(\.clientHost) == ["/127.0.0.1"])
            #expect(described.groups[0].authorizedOperations == (version >= 3 ? 3400 : .min))
            let leave =
                version < 3
                ? LeaveGroupRequest(groupId: "g", memberId: joined.memberId)
                : LeaveGroupRequest(groupId: "g", members: [.init(memberId: joined.memberId)])
            let left = try await client.send(leave, version: min(version, 5))
            #expect(left.errorCode == .none)
            #expect(left.members.map(\.errorCode) == (version < 3 ? [] : [.none]))
            #expect(try await client.send(heartbeat).errorCode == .unknownMemberId)
        }
    }

    @Test func aRebalanceAnswersEverybody() async throws {
        try await withBroker { client in
            _ = try await client.send(FindCoordinatorRequest(coordinatorKeys: ["g"]))
            let first = try await join(client.connection)
            let other = try await connect(client.address)
            async let second = join(other)
            var code = ErrorCode.none
            let heartbeat = HeartbeatRequest(groupId: "g", generationId: 1, memberId: first.memberId)
            while code == .none { code = try await client.send(heartbeat).errorCode }
            #expect(code == .rebalanceInProgress)
            let again = try await join(client.connection, first.memberId)
            let follower = try await second
            #expect(again.generationId == 2 && follower.generationId == 2)
            #expect(again.members.count == 2 && follower.members.isEmpty)

            async let waiting = other.send(
                SyncGroupRequest(groupId: "g", generationId: 2, memberId: follower.memberId),
                timeout: .seconds(20)
            )
            let parts = [first.memberId, follower.memberId].map {
                SyncGroupRequest.SyncGroupRequestAssignment(memberId: $0, assignment: ByteBuffer(string: $0))
            }
            let leading = SyncGroupRequest(
                groupId: "g",
                generationId: 2,
                memberId: first.memberId,
                protocolType: "consumer",
                protocolName: "range",
                assignments: parts
            )
            let own = try await client.send(leading)
            #expect(String(buffer: own.assignment) == first.memberId)
            let others = try await waiting
            #expect(String(buffer: others.assignment) == follower.memberId)
            await other.closeAndWait()
        }
    }

    @Test func whoWaitsIsReleasedWhenTheBrokerStops() async throws {
        try await withBroker { client in
            _ = try await client.send(FindCoordinatorRequest(coordinatorKeys: ["g"]))
            _ = try await join(client.connection)
            // Held: the first member does not come back. The broker stops all the same when this returns.
            let other = try await connect(client.address)
            let request = JoinGroupRequest(
                groupId: "g",
                sessionTimeoutMs: 10_000,
                rebalanceTimeoutMs: 300_000,
                protocolType: "consumer",
                protocols: [.init(name: "range")]
            )
            await #expect(throws: (any Error).self) {
                try await other.send(request, version: 3, timeout: .seconds(1))
            }
        }
    }

    @Test(arguments: 2...9 as ClosedRange<Int16>) func offsetsSurviveARestart(_ version: Int16) async throws {
        try await withTemporaryDirectory { directory in
            try await withBroker(directory: directory) { client in
                try await client.create("t", partitions: 3)
                _ = try await client.send(FindCoordinatorRequest(coordinatorKeys: ["g"]))
                let partitions = (0..<3).map { (index: Int32) in
                    OffsetCommitRequest.OffsetCommitRequestPartition(
                        partitionIndex: index,
                        committedOffset: Int64(index) * 10,
                        committedLeaderEpoch: version >= 6 ? 4 : -1,
                        committedMetadata: index == 2 ? nil : "meta \(index)"
                    )
                }
                let request = OffsetCommitRequest(
                    groupId: "g",
                    topics: [
                        .init(name: "t", partitions: partitions), .init(name: "none", partitions: [.init()]),
                    ]
                )
                let answer = try await client.send(request, version: version)
                #expect(answer.topics.map(\.name) == ["t", "none"])
                #expect(answer.topics[0].partitions.map(\.errorCode) == [.none, .none, .none])
                #expect(answer.topics[1].partitions.map(\.errorCode) == [.unknownTopicOrPartition])
            }
            try await withBroker(directory: directory) { client in
                for fetchVersion in 1...9 as ClosedRange<Int16> {
                    let found = try await fetch(client, fetchVersion)
                    #expect(found.map(\.committedOffset) == [0, 10, 20, -1])
                    #expect(found.map(\.metadata) == ["meta 0", "meta 1", "", ""])
                    #expect(found.allSatisfy { $0.errorCode == .none })
                    if fetchVersion >= 5, version >= 6 {
                        #expect(found.map(\.committedLeaderEpoch) == [4, 4, 4, -1])
                    }
                }
                let listed = try await client.send(ListGroupsRequest())
                #expect(listed.groups.map(\.groupId) == ["g"])
                #expect(listed.groups.map(\.groupState) == ["Empty"])
                #expect(listed.groups.map(\.groupType) == ["classic"])
            }
        }
    }

    /// Partitions 0 to 3, once the coordinator is loaded.
    private func fetch(
        _ client: TestClient,
        _ version: Int16
    ) async throws -> [OffsetFetchResponse.OffsetFetchResponsePartitions] {
        while true {
            guard version < 8 else {
                let request = OffsetFetchRequest(
                    groups: [.init(groupId: "g", topics: [.init(name: "t", partitionIndexes: [0, 1, 2, 3])])],
                    requireStable: true
                )
                let group = try await client.send(request, version: version).groups[0]
                if group.errorCode == .coordinatorLoadInProgress { continue }
                return group.topics[0].partitions
            }
            let request = OffsetFetchRequest(
                groupId: "g",
                topics: [.init(name: "t", partitionIndexes: [0, 1, 2, 3])]
            )
            let answer = try await client.send(request, version: version)
            if answer.errorCode == .coordinatorLoadInProgress { continue }
            let partitions = answer.topics[0].partitions
            if partitions[0].errorCode == .coordinatorLoadInProgress { continue }
            return partitions.map {
                .init(
                    partitionIndex: $0.partitionIndex,
                    committedOffset: $0.committedOffset,
                    committedLeaderEpoch: $0.committedLeaderEpoch,
                    metadata: $0.metadata,
                    errorCode: $0.errorCode
                )
            }
        }
    }

    @Test func deletingATopicForgetsItsOffsets() async throws {
        try await withBroker { client in
            try await client.create("t")
            _ = try await client.send(FindCoordinatorRequest(coordinatorKeys: ["g"]))
            #expect(try await client.send(Self.commit).topics[0].partitions[0].errorCode == .none)
            _ = try await client.send(DeleteTopicsRequest(topics: [.init(name: "t")], timeoutMs: 1000))
            try await client.create("t")
            let all = OffsetFetchRequest(groups: [.init(groupId: "g", topics: nil)])
            #expect(try await client.send(all).groups[0].topics.isEmpty)
            #expect(try await client.send(Self.commit).topics[0].partitions[0].errorCode == .none)
            #expect(try await client.send(all).groups[0].topics[0].partitions.map(\.committedOffset) == [5])
            let deletion = try await client.send(DeleteGroupsRequest(groupsNames: ["g", "none"]))
            #expect(deletion.results.map(\.errorCode) == [.none, .groupIdNotFound])
        }
    }

    /// What the coordinator decides by itself is decided again until it can be written.
    @Test(.timeLimit(.minutes(1))) func aFullDiskOnlyDelaysForgetting() async throws {
        let disk = FaultyFileSystem()
        let environment = BrokerEnvironment(fileSystem: disk)
        let properties = ["offsets.topic.num.partitions": "1"]
        try await withBroker(properties, directory: "/data", environment: environment) { client async throws -> Void in
            try await client.create("t")
            _ = try await client.send(FindCoordinatorRequest(coordinatorKeys: ["g"]))
            #expect(try await client.send(Self.commit).topics[0].partitions[0].errorCode == .none)
            let (refusals, refusal) = AsyncStream<Void>.makeStream()
            disk.setRule { operation, path in
                guard operation == .write, path.hasPrefix("/data/__consumer_offsets-0/") else { return nil }
                refusal.yield()
                return ENOSPC
            }
            _ = try await client.send(DeleteTopicsRequest(topics: [.init(name: "t")], timeoutMs: 1000))
            for await _ in refusals { break }
            disk.setRule(nil)
            while try values(try await client.fetch("__consumer_offsets", from: 0)).last?.value != nil {
                try await Task.sleep(for: .milliseconds(5))
            }
        }
    }

    @Test func manyMembersOfOneGroupDoNotHoldUpAnother() async throws {
        try await withBroker(["group.max.size": "200"]) { client in
            _ = try await client.send(FindCoordinatorRequest(coordinatorKeys: ["g"]))
            // Ids are given out without end; members are not.
            for _ in 0..<2000 {
                let request = JoinGroupRequest(
                    groupId: "crowd",
                    sessionTimeoutMs: 10_000,
                    rebalanceTimeoutMs: 20_000,
                    protocolType: "consumer",
                    protocols: [.init(name: "range")]
                )
                #expect(try await client.send(request).errorCode == .memberIdRequired)
            }
            let joined = try await join(client.connection, group: "g")
            #expect(joined.errorCode == .none)
        }
    }
}

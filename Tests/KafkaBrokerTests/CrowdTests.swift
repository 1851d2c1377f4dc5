import Foundation
import KafkaMessages
import KafkaTestSupport
import KafkaTransport
import KafkaWire
import NIOCore
import Testing

@testable import KafkaBroker

/// Groups that ask too much of their coordinator, and a small group of the same coordinator beside them.
@Suite struct CrowdTests {
    /// One coordinator for all groups, so that they are in each other's way if anything is.
    private static let properties = ["offsets.topic.num.partitions": "1"]
    /// SWKAFKA_MEMBERS asks for more.
    private static let count = ProcessInfo.processInfo.environment["SWKAFKA_MEMBERS"].flatMap(Int.init) ?? 400

    // MARK: The group beside

    /// Runs `body` while a classic group of one member lives on. It is never told anything but that all is well. Its
    /// session is as long as a busy machine may stand still for everybody.
    private func besideASmallGroup(
        _ client: TestClient,
        _ body: @Sendable @escaping () async throws -> Void
    ) async throws {
        _ = try await client.send(FindCoordinatorRequest(coordinatorKeys: ["small"]))
        let joined = try await join(client.connection, group: "small", sessionTimeoutMs: 30_000)
        let sync = SyncGroupRequest(groupId: "small", generationId: joined.generationId, memberId: joined.memberId)
        #expect(try await client.send(sync).errorCode == .none)
        let heartbeat = HeartbeatRequest(
            groupId: "small",
            generationId: joined.generationId,
            memberId: joined.memberId
        )
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                var beats = 0
                while !Task.isCancelled {
                    #expect(try await client.send(heartbeat).errorCode == .none, "after \(beats) heartbeats")
                    beats += 1
                    try await Task.sleep(for: .milliseconds(20))
                }
            }
            try await body()
            tasks.cancelAll()
        }
        #expect(try await client.send(heartbeat).errorCode == .none)
    }

    private func join(
        _ connection: ClientConnection,
        _ member: String = "",
        group: String,
        sessionTimeoutMs: Int32 = 30_000,
        rebalanceTimeoutMs: Int32 = 30_000,
        metadata: ByteBuffer = ByteBuffer(string: "subscription")
    ) async throws -> JoinGroupResponse {
        let request = JoinGroupRequest(
            groupId: group,
            sessionTimeoutMs: sessionTimeoutMs,
            rebalanceTimeoutMs: rebalanceTimeoutMs,
            memberId: member,
            protocolType: "consumer",
            protocols: [.init(name: "range", metadata: metadata)]
        )
        return try await connection.send(request, version: 3, timeout: .seconds(60))
    }

    // MARK: Many members

    private struct Member {
        let id: String
        var epoch: Int32 = 0
        var owned: [Int32] = []

        mutating func beat(_ connection: ClientConnection, _ topic: KafkaUUID) async throws {
            var request = ConsumerGroupHeartbeatRequest(groupId: "crowd", memberId: id, memberEpoch: epoch)
            request.topicPartitions = owned.isEmpty ? [] : [.init(topicId: topic, partitions: owned)]
            if epoch == 0 {
                request.rebalanceTimeoutMs = 60_000
                request.subscribedTopicNames = ["t"]
            }
            let answer = try await connection.send(request, timeout: .seconds(20))
            #expect(answer.errorCode == .none, "\(id): \(answer.errorMessage ?? "")")
            epoch = answer.memberEpoch
            if let assignment = answer.assignment { owned = assignment.topicPartitions.flatMap(\.partitions) }
        }
    }

    @Test func aConsumerGroupOfVeryMany() async throws {
        try await withBroker(Self.properties) { client in
            // The members are what there is much of: a partition takes files.
            let partitions = Int32(min(Self.count / 2, 1000))
            let topic = try await client.create("t", partitions: partitions)
            try await besideASmallGroup(client) {
                let lanes = 8
                var members = (0..<lanes).map { lane in
                    stride(from: lane, to: Self.count, by: lanes).map { Member(id: "member-\($0)") }
                }
                let deadline = ContinuousClock.now + .seconds(120 + Self.count / 50)
                func isShared() -> Bool {
                    let owned = members.flatMap { $0 }.map(\.owned.count)
                    return owned.reduce(0, +) == Int(partitions) && owned.allSatisfy { $0 <= 1 }
                }
                while !isShared(), ContinuousClock.now < deadline {
                    members = try await withThrowingTaskGroup(of: [Member].self) { tasks in
                        for lane in members {
                            tasks.addTask {
                                var lane = lane
                                let connection = try await connect(client.address)
                                for index in lane.indices { try await lane[index].beat(connection, topic) }
                                await connection.closeAndWait()
                                return lane
                            }
                        }
                        return try await tasks.reduce(into: []) { $0.append($1) }
                    }
                }
                let owned = members.flatMap { $0 }.map(\.owned)
                #expect(owned.flatMap { $0 }.sorted() == Array(0..<partitions))
                #expect(isShared())
            }
        }
    }

    /// Joins, and joins again whenever the group begins a rebalance, until it has come to rest with so many members.
    private func settle(_ client: TestClient, among count: Int) async throws -> JoinGroupResponse {
        let connection = try await connect(client.address)
        var id = ""
        while true {
            let joined = try await join(connection, id, group: "crowd")
            try #require(joined.errorCode == .none)
            id = joined.memberId
            let sync = SyncGroupRequest(
                groupId: "crowd",
                generationId: joined.generationId,
                memberId: id,
                assignments: joined.members.map {
                    .init(memberId: $0.memberId, assignment: ByteBuffer(string: "a part of it"))
                }
            )
            var code = try await connection.send(sync, timeout: .seconds(60)).errorCode
            let heartbeat = HeartbeatRequest(groupId: "crowd", generationId: joined.generationId, memberId: id)
            while code == .none {
                let group = try await client.send(DescribeGroupsRequest(groups: ["crowd"])).groups[0]
                if group.groupState == "Stable", group.members.count == count {
                    await connection.closeAndWait()
                    return joined
                }
                try await Task.sleep(for: .milliseconds(50))
                code = try await connection.send(heartbeat, timeout: .seconds(60)).errorCode
            }
            try #require(code == .rebalanceInProgress)
        }
    }

    /// The group's record is more than a batch may hold as it is; it is written, and read again by the next broker.
    @Test func aClassicGroupOfVeryMany() async throws {
        let count = 60
        let properties = [
            "offsets.topic.num.partitions": "1", "message.max.bytes": "5000", "group.initial.rebalance.delay.ms": "500",
        ]
        try await withTemporaryDirectory { directory in
            let generation = try await withBroker(properties, directory: directory) { client in
                _ = try await client.send(FindCoordinatorRequest(coordinatorKeys: ["crowd"]))
                return try await withThrowingTaskGroup(of: JoinGroupResponse.self) { tasks in
                    for _ in 0..<count { tasks.addTask { try await settle(client, among: count) } }
                    let all = try await tasks.reduce(into: []) { $0.append($1) }
                    #expect(Set(all.map(\.memberId)).count == count)
                    return all.map(\.generationId).max() ?? -1
                }
            }
            try await withBroker(properties, directory: directory) { client in
                _ = try await client.send(FindCoordinatorRequest(coordinatorKeys: ["crowd"]))
                var described = try await client.send(DescribeGroupsRequest(groups: ["crowd"])).groups[0]
                while described.errorCode == .coordinatorLoadInProgress {
                    try await Task.sleep(for: .milliseconds(20))
                    described = try await client.send(DescribeGroupsRequest(groups: ["crowd"])).groups[0]
                }
                #expect(described.groupState == "Stable")
                #expect(described.members.count == count)
                #expect(described.members.allSatisfy { String(buffer: $0.memberAssignment) == "a part of it" })
                let member = described.members.first?.memberId ?? ""
                let heartbeat = HeartbeatRequest(groupId: "crowd", generationId: generation, memberId: member)
                #expect(try await client.send(heartbeat).errorCode == .none)
            }
        }
    }

    @Test func groupsHaveALargestSize() async throws {
        let limits = ["group.max.size": "1", "group.consumer.max.size": "1"]
        try await withBroker(Self.properties.merging(limits) { $1 }) { client in
            try await client.create("t")
            try await besideASmallGroup(client) {
                let first = try await connect(client.address)
                let joined = try await join(first, group: "classic")
                #expect(joined.errorCode == .none)
                let refused = try await join(first, group: "classic")
                #expect(refused.errorCode == .groupMaxSizeReached && refused.memberId.isEmpty)
                var request = ConsumerGroupHeartbeatRequest(groupId: "modern", memberId: "a", memberEpoch: 0)
                request.rebalanceTimeoutMs = 60_000
                request.subscribedTopicNames = ["t"]
                request.topicPartitions = []
                #expect(try await first.send(request, timeout: .seconds(20)).errorCode == .none)
                request.memberId = "b"
                #expect(try await first.send(request, timeout: .seconds(20)).errorCode == .groupMaxSizeReached)
                await first.closeAndWait()
            }
        }
    }

    // MARK: Large words

    @Test func metadataOfOffsetsHaveALimit() async throws {
        try await withBroker(Self.properties) { client in
            try await client.create("t", partitions: 3)
            try await besideASmallGroup(client) {
                let lengths = [4096, 4097, 30_000]
                let request = OffsetCommitRequest(
                    groupId: "g",
                    topics: [
                        .init(
                            name: "t",
                            partitions: lengths.enumerated().map { index, length in
                                .init(
                                    partitionIndex: Int32(index),
                                    committedOffset: 7,
                                    committedMetadata: String(repeating: "m", count: length)
                                )
                            }
                        )
                    ]
                )
                let codes = try await client.send(request).topics[0].partitions.map(\.errorCode)
                #expect(codes == [.none, .offsetMetadataTooLarge, .offsetMetadataTooLarge])
                let topic = OffsetFetchRequest.OffsetFetchRequestTopic(name: "t", partitionIndexes: [0, 1, 2])
                let fetched = try await client.send(OffsetFetchRequest(groupId: "g", topics: [topic]), version: 7)
                #expect(fetched.topics[0].partitions.map(\.committedOffset).sorted() == [-1, -1, 7])
            }
        }
    }

    /// More than a batch may hold, and nothing that compression makes less.
    private func noise(_ count: Int) -> ByteBuffer {
        var generator = SeededGenerator(seed: 1)
        return ByteBuffer(bytes: (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) })
    }

    private func name(_ length: Int) -> String {
        String(
            (0..<length).compactMap { _ in
                "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".randomElement()
            }
        )
    }

    @Test func subscriptionsAndAssignmentsHaveALimit() async throws {
        let limit = ["message.max.bytes": "20000"]
        try await withBroker(Self.properties.merging(limit) { $1 }) { client in
            try await client.create("t")
            try await besideASmallGroup(client) {
                let connection = try await connect(client.address)
                func sync(_ group: String, _ joined: JoinGroupResponse, _ assignment: ByteBuffer) async throws
                    -> ErrorCode
                {
                    let request = SyncGroupRequest(
                        groupId: group,
                        generationId: joined.generationId,
                        memberId: joined.memberId,
                        assignments: [.init(memberId: joined.memberId, assignment: assignment)]
                    )
                    return try await connection.send(request, timeout: .seconds(20)).errorCode
                }
                let talker = try await join(connection, group: "talker", metadata: noise(30_000))
                #expect(talker.errorCode == .none)
                #expect(try await sync("talker", talker, ByteBuffer()) == .unknownServerError)
                let giver = try await join(connection, group: "giver")
                #expect(try await sync("giver", giver, noise(30_000)) == .unknownServerError)
                // The same member can still do what it should have done.
                let again = try await join(connection, giver.memberId, group: "giver")
                #expect(try await sync("giver", again, ByteBuffer(string: "all")) == .none)

                var request = ConsumerGroupHeartbeatRequest(groupId: "modern", memberId: "a", memberEpoch: 0)
                request.rebalanceTimeoutMs = 60_000
                request.subscribedTopicNames = (0..<200).map { _ in name(200) }
                request.topicPartitions = []
                #expect(try await connection.send(request, timeout: .seconds(20)).errorCode == .unknownServerError)
                request.subscribedTopicNames = ["t"]
                let taken = try await connection.send(request, timeout: .seconds(20))
                #expect(taken.errorCode == .none && taken.memberEpoch == 1)
                await connection.closeAndWait()
            }
        }
    }

    // MARK: Silence

    /// One that joins and never asks for its part is removed when its time is up, and the others go on.
    @Test func aMemberThatNeverSyncs() async throws {
        try await withBroker(Self.properties) { client in
            try await besideASmallGroup(client) {
                let (one, other) = (try await connect(client.address), try await connect(client.address))
                let first = try await join(one, group: "g", rebalanceTimeoutMs: 1000)
                async let silent = join(other, group: "g", rebalanceTimeoutMs: 1000)
                var joined = first
                var code = ErrorCode.rebalanceInProgress
                let deadline = ContinuousClock.now + .seconds(60)
                // Until the two have met, and then until the group has done with the second.
                var hasMet = false
                while !(hasMet && joined.members.count == 1 && code == .none), ContinuousClock.now < deadline {
                    joined = try await join(one, joined.memberId, group: "g", rebalanceTimeoutMs: 1000)
                    try #require(joined.errorCode == .none)
                    hasMet = hasMet || joined.members.count == 2
                    let sync = SyncGroupRequest(
                        groupId: "g",
                        generationId: joined.generationId,
                        memberId: joined.memberId,
                        assignments: joined.members.map {
                            .init(memberId: $0.memberId, assignment: ByteBuffer(string: "a part"))
                        }
                    )
                    code = try await one.send(sync, timeout: .seconds(20)).errorCode
                    let heartbeat = HeartbeatRequest(
                        groupId: "g",
                        generationId: joined.generationId,
                        memberId: joined.memberId
                    )
                    while hasMet, joined.members.count == 2, code == .none, ContinuousClock.now < deadline {
                        code = try await one.send(heartbeat, timeout: .seconds(20)).errorCode
                        try await Task.sleep(for: .milliseconds(20))
                    }
                }
                #expect(hasMet && joined.members.count == 1)
                let late = SyncGroupRequest(
                    groupId: "g",
                    generationId: joined.generationId,
                    memberId: try await silent.memberId
                )
                #expect(try await other.send(late, timeout: .seconds(20)).errorCode == .unknownMemberId)
                await one.closeAndWait()
                await other.closeAndWait()
            }
        }
    }
}

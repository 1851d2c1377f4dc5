import KafkaMessages
import NIOCore
import Testing

@testable import KafkaCoordination

/// Every state meets every event (`groups.md`, section 2).
@Suite struct GroupStateTableTests {
    enum State: String, CaseIterable { case unknown, empty, preparing, completing, stable }

    /// A group in a state, with the id and generation of its first member.
    private func conversation(_ state: State) -> (GroupConversation, member: String, generation: Int32) {
        let talk = GroupConversation()
        if state == .unknown { return (talk, "m", 1) }
        let ids = talk.settle(members: 2)
        switch state {
        case .empty:
            _ = talk.leave(ids[0])
            _ = talk.leave(ids[1])
        case .preparing: _ = talk.join(ids[1], metadata: "new")
        case .completing:
            _ = talk.join(ids[0])
            _ = talk.join(ids[1])
        case .unknown, .stable: break
        }
        return (talk, ids[0], talk.group()?.generation ?? 0)
    }

    private struct Expected {
        var heartbeat: ErrorCode
        /// nil: held.
        var sync: ErrorCode?
        var join: ErrorCode?
        var leave: ErrorCode
        var commit: ErrorCode
        var anonymousCommit: ErrorCode
    }

    private let table: [State: Expected] = [
        .unknown: Expected(
            heartbeat: .unknownMemberId,
            sync: .unknownMemberId,
            join: .unknownMemberId,
            leave: .unknownMemberId,
            commit: .illegalGeneration,
            anonymousCommit: .none
        ),
        .empty: Expected(
            heartbeat: .unknownMemberId,
            sync: .unknownMemberId,
            join: .unknownMemberId,
            leave: .unknownMemberId,
            commit: .unknownMemberId,
            anonymousCommit: .none
        ),
        .preparing: Expected(
            heartbeat: .rebalanceInProgress,
            sync: .rebalanceInProgress,
            join: ErrorCode.none,
            leave: .none,
            commit: .none,
            anonymousCommit: .unknownMemberId
        ),
        .completing: Expected(
            heartbeat: .none,
            sync: ErrorCode.none,
            join: ErrorCode.none,
            leave: .none,
            commit: .rebalanceInProgress,
            anonymousCommit: .unknownMemberId
        ),
        .stable: Expected(
            heartbeat: .none,
            sync: ErrorCode.none,
            join: nil,
            leave: .none,
            commit: .none,
            anonymousCommit: .unknownMemberId
        ),
    ]

    @Test(arguments: State.allCases) func everyEvent(_ state: State) throws {
        let expected = try #require(table[state])
        var (talk, member, generation) = conversation(state)
        #expect(talk.heartbeat(member, generation) == expected.heartbeat)
        #expect(talk.commit(member, generation) == [expected.commit])
        #expect(talk.commit() == [expected.anonymousCommit])

        (talk, member, generation) = conversation(state)
        let sync = talk.sync(member, generation)
        #expect(talk.synced(sync)?.errorCode == expected.sync)

        (talk, member, generation) = conversation(state)
        let join = talk.join(member)
        #expect(talk.joined(join)?.errorCode == expected.join)

        (talk, member, generation) = conversation(state)
        #expect(talk.leave(member) == expected.leave)
    }

    @Test(arguments: [State.preparing, .completing, .stable]) func strangersAndOldGenerations(_ state: State) {
        let (talk, member, generation) = conversation(state)
        for wrong in [generation - 1, generation + 1, -1] {
            #expect(talk.heartbeat(member, wrong) == .illegalGeneration)
            let sync = talk.sync(member, wrong)
            #expect(talk.synced(sync)?.errorCode == .illegalGeneration)
            #expect(talk.commit(member, wrong) == [.illegalGeneration])
        }
        #expect(talk.heartbeat("stranger", generation) == .unknownMemberId)
        #expect(talk.heartbeat(member, generation, instance: "i") == .unknownMemberId)
        #expect(talk.commit("stranger", generation) == [.unknownMemberId])
        let sync = talk.sync("stranger", generation)
        #expect(talk.synced(sync)?.errorCode == .unknownMemberId)
        #expect(talk.leave("stranger") == .unknownMemberId)
    }

    @Test func aWrongProtocolIsRefusedBySync() {
        let (talk, member, generation) = conversation(.completing)
        let type = talk.sync(member, generation, type: "connect")
        #expect(talk.synced(type)?.errorCode == .inconsistentGroupProtocol)
        let name = talk.sync(member, generation, type: "consumer", name: "sticky")
        #expect(talk.synced(name)?.errorCode == .inconsistentGroupProtocol)
        let right = talk.sync(member, generation, type: "consumer", name: "range")
        #expect(talk.synced(right)?.errorCode == ErrorCode.none)
        #expect(talk.synced(right)?.protocolName == "range")
    }

    @Test func describesEveryState() {
        for state in State.allCases {
            let (talk, _, _) = conversation(state)
            let group = talk.run { machine, _ in machine.describe(["g"]) }?.first
            let names: [State: String] = [
                .unknown: "Dead", .empty: "Empty", .preparing: "PreparingRebalance",
                .completing: "CompletingRebalance", .stable: "Stable",
            ]
            #expect(group?.groupState == names[state])
            #expect(group?.errorCode == (state == .unknown ? .groupIdNotFound : ErrorCode.none))
            let hasMembers = state != .unknown && state != .empty
            #expect(group?.members.count == (hasMembers ? 2 : 0))
            if let member = group?.members.first {
                #expect((member.memberAssignment.readableBytes > 0) == (state == .stable))
                #expect(member.clientHost == "/host")
            }
            let listed = talk.run { machine, _ in
                machine.list(states: [(names[state] ?? "").lowercased()], types: ["classic"])
            }
            #expect(listed?.map(\.groupId) == (state == .unknown ? [] : ["g"]))
            #expect(talk.run { machine, _ in machine.list(states: [], types: ["consumer"]) }?.isEmpty == true)
        }
    }
}

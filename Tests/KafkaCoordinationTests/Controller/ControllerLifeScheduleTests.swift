import Foundation
import KafkaMessages
import KafkaWire
import Testing

@testable import KafkaCoordination

/// Brokers that start, fall silent, stand still, come back and leave in random order, with leaders that change ISRs and
/// people who move partitions: whatever happens, the metadata stay sound, and a replay of the log gives the same.
@Suite struct ControllerLifeScheduleTests {
    /// A broker's process as the controller gets to know it.
    private struct Process {
        var epoch: Int64
        var isLeaving = false
        /// Sends nothing, as if it were stopped.
        var isSilent = false
    }

    private struct Schedule {
        var world = ControllerWorld()
        var processes: [Int32: Process] = [:]
        var random: SeededGenerator
        var invariants = ControllerInvariants()

        init(seed: UInt64) {
            random = SeededGenerator(seed: seed)
            world.generator = SeededGenerator(seed: seed &+ 1000)
        }

        mutating func number(_ range: Range<Int>) -> Int { Int.random(in: range, using: &random) }
        mutating func broker() -> Int32 { Int32(number(1..<6)) }

        mutating func brokers(_ count: Int) -> [Int32] {
            Array((1...5).map { Int32($0) }.shuffled(using: &random).prefix(count))
        }
    }

    static var seeds: ClosedRange<UInt64> {
        let count = ProcessInfo.processInfo.environment["SWKAFKA_SEEDS"].flatMap { UInt64($0) } ?? 12
        return 1...max(1, count)
    }

    @Test(arguments: seeds)
    func staysSound(seed: UInt64) throws {
        var schedule = Schedule(seed: seed)
        for _ in 0..<250 {
            try step(&schedule)
            schedule.invariants.check(schedule.world.image, seed) { name in name.hasPrefix("unclean") }
        }
        var replayed = ClusterController(settings: .init(clusterID: "c"))
        for (offset, record) in schedule.world.log.enumerated() {
            try replayed.replay(record, offset: Int64(offset))
        }
        #expect(replayed.image == schedule.world.image, "seed \(seed)")
        // A snapshot comes to the same as the log that it stands for.
        var restored = ClusterController(settings: .init(clusterID: "c"))
        for record in schedule.world.image.records() {
            let decoded = try MetadataRecord(decoding: try record.encoded())
            try restored.replay(decoded, offset: schedule.world.image.offset)
        }
        #expect(restored.image.records() == schedule.world.image.records(), "seed \(seed)")
        #expect(restored.image.brokers == schedule.world.image.brokers, "seed \(seed)")
        #expect(restored.image.topics == schedule.world.image.topics, "seed \(seed)")
    }

    private func step(_ schedule: inout Schedule) throws {
        switch schedule.number(0..<16) {
        case 0, 1: try start(&schedule)
        case 2, 3, 4, 5:
            for id in schedule.processes.keys.sorted() { try beat(id, &schedule) }
        case 6:
            schedule.world.nowMs += Int64(schedule.number(100..<6000))
            let nowMs = schedule.world.nowMs
            try schedule.world.commit(schedule.world.controller.fenceSilentBrokers(nowMs: nowMs))
        case 7: schedule.processes[schedule.broker()]?.isSilent.toggle()
        case 8: schedule.processes[schedule.broker()]?.isLeaving = true
        case 9: try create(&schedule)
        case 10, 11, 12: try alterPartition(&schedule)
        case 13: try reassign(&schedule)
        case 14:
            let request = ElectLeadersRequest(electionType: Int8(schedule.number(0..<2) == 0 ? 0 : 1))
            // Asked for by name, an unclean election is allowed for every topic.
            if request.electionType == 0 { try schedule.world.commit(schedule.world.controller.electLeaders(request)) }
            try schedule.world.commit(schedule.world.controller.balanceLeaders())
        default:
            guard schedule.number(0..<6) == 0 else { return }
            let request = UnregisterBrokerRequest(brokerId: schedule.broker())
            schedule.processes[request.brokerId] = nil
            try schedule.world.commit(schedule.world.controller.unregisterBroker(request))
        }
    }

    private func start(_ schedule: inout Schedule) throws {
        let id = schedule.broker()
        let request = BrokerRegistrationRequest(
            brokerId: id,
            clusterId: "c",
            incarnationId: .random(using: &schedule.random),
            logDirs: [KafkaUUID(high: 7, low: UInt64(id) + 1000)]
        )
        let nextOffset = Int64(schedule.world.log.count)
        let answer = try schedule.world.commit(
            schedule.world.controller.registerBroker(request, nextOffset: nextOffset, nowMs: schedule.world.nowMs)
        )
        guard answer.errorCode == .none else { return }
        #expect(schedule.world.image.brokers[id]?.epoch == answer.brokerEpoch)
        schedule.processes[id] = Process(epoch: answer.brokerEpoch)
    }

    private func beat(_ id: Int32, _ schedule: inout Schedule) throws {
        guard let process = schedule.processes[id], !process.isSilent else { return }
        let request = BrokerHeartbeatRequest(
            brokerId: id,
            brokerEpoch: process.epoch,
            currentMetadataOffset: Int64(schedule.world.log.count - 1 - schedule.number(0..<3)),
            wantShutDown: process.isLeaving
        )
        let nextOffset = Int64(schedule.world.log.count)
        let answer = try schedule.world.commit(
            schedule.world.controller.heartbeat(request, nextOffset: nextOffset, nowMs: schedule.world.nowMs)
        )
        if answer.errorCode != .none || answer.shouldShutDown { schedule.processes[id] = nil }
        if answer.shouldShutDown {
            let leads = schedule.world.image.topics.values.contains { $0.partitions.contains { $0.leader == id } }
            #expect(!leads)
        }
    }

    private func create(_ schedule: inout Schedule) throws {
        let isUnclean = schedule.number(0..<3) == 0
        try schedule.world.create(
            "\(isUnclean ? "unclean" : "t")\(schedule.number(0..<4))",
            partitions: Int32(schedule.number(1..<4)),
            replicas: Int16(schedule.number(1..<4)),
            configs: isUnclean ? ["unclean.leader.election.enable": "true"] : [:]
        )
    }

    private func alterPartition(_ schedule: inout Schedule) throws {
        guard let (topic, index, partition) = anyPartition(&schedule) else { return }
        let sender = schedule.number(0..<8) == 0 ? schedule.broker() : partition.leader
        let count = schedule.number(0..<partition.replicas.count + 1)
        var isr = Array(partition.replicas.shuffled(using: &schedule.random).prefix(count))
        if schedule.number(0..<8) != 0, !isr.contains(sender) { isr.append(sender) }
        let epochs = schedule.processes.mapValues(\.epoch)
        let request = AlterPartitionRequest(
            brokerId: sender,
            brokerEpoch: epochs[sender] ?? -1,
            topics: [
                .init(
                    topicId: topic.id,
                    partitions: [
                        .init(
                            partitionIndex: Int32(index),
                            leaderEpoch: partition.leaderEpoch - Int32(schedule.number(0..<8) == 0 ? 1 : 0),
                            newIsrWithEpochs: isr.map { .init(brokerId: $0, brokerEpoch: epochs[$0] ?? -1) },
                            partitionEpoch: partition.partitionEpoch - Int32(schedule.number(0..<8) == 0 ? 1 : 0)
                        )
                    ]
                )
            ]
        )
        try schedule.world.commit(schedule.world.controller.alterPartition(request))
    }

    private func reassign(_ schedule: inout Schedule) throws {
        guard let (topic, index, _) = anyPartition(&schedule) else { return }
        let target = schedule.number(0..<4) == 0 ? nil : schedule.brokers(schedule.number(1..<4))
        let request = AlterPartitionReassignmentsRequest(
            topics: [.init(name: topic.name, partitions: [.init(partitionIndex: Int32(index), replicas: target)])]
        )
        try schedule.world.commit(schedule.world.controller.alterPartitionReassignments(request))
    }

    private func anyPartition(_ schedule: inout Schedule) -> (TopicImage, Int, PartitionImage)? {
        let topics = schedule.world.image.topics.values.sorted { $0.name < $1.name }
        guard !topics.isEmpty else { return nil }
        let topic = topics[schedule.number(0..<topics.count)]
        let index = schedule.number(0..<topic.partitions.count)
        return (topic, index, topic.partitions[index])
    }
}

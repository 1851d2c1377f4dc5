import KafkaMessages
import Testing

@testable import KafkaCoordination

/// Random requests in random order: whatever happens, the image stays sound, and a replay of the log gives the same.
@Suite struct ControllerScheduleTests {
    @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 8] as [UInt64])
    func staysSound(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var world = ControllerWorld()
        world.generator = SeededGenerator(seed: seed &+ 100)
        var invariants = ControllerInvariants()
        for _ in 0..<300 {
            try step(&world, &random)
            invariants.check(world.image, seed)
        }
        var replayed = ClusterController(settings: .init(clusterID: "c"))
        for (offset, record) in world.log.enumerated() { try replayed.replay(record, offset: Int64(offset)) }
        #expect(replayed.image == world.image, "seed \(seed)")
    }

    private func step(_ world: inout ControllerWorld, _ random: inout SeededGenerator) throws {
        let name = "t\(Int.random(in: 0..<6, using: &random))"
        switch Int.random(in: 0..<9, using: &random) {
        case 0: try world.addBroker(Int32.random(in: 1...5, using: &random))
        case 1: try world.addBroker(Int32.random(in: 1...5, using: &random), unfence: false)
        case 2, 3:
            try world.create(
                name,
                partitions: Int32.random(in: 1...4, using: &random),
                replicas: Int16.random(in: 1...3, using: &random)
            )
        case 4: try world.commit(world.controller.deleteTopics(DeleteTopicsRequest(topicNames: [name])))
        case 5:
            let request = CreatePartitionsRequest(
                topics: [.init(name: name, count: Int32.random(in: 1...8, using: &random))]
            )
            try world.commit(world.controller.createPartitions(request, using: &world.generator))
        case 6:
            let unclean = Bool.random(using: &random) ? "true" : "false"
            try world.alter(.topic, name, [("unclean.leader.election.enable", 0, unclean)])
        case 7:
            let type = Int8.random(in: 0...1, using: &random)
            try world.commit(world.controller.electLeaders(ElectLeadersRequest(electionType: type)))
        default:
            if let broker = world.image.brokers.values.filter(\.isFenced).min(by: { $0.id < $1.id }) {
                try world.commit(world.controller.unfenceBroker(broker.id, epoch: broker.epoch))
            }
        }
    }
}

import Testing

@testable import KafkaCoordination

@Suite struct ReplicaPlacerTests {
    private func place(_ brokers: [ReplicaPlacer.Broker], _ partitions: Int, _ factor: Int) throws -> [[Int32]] {
        var generator = SeededGenerator(seed: 3)
        var placer = ReplicaPlacer(brokers: brokers, using: &generator)
        return try placer.place(partitions: partitions, replicationFactor: factor)
    }

    @Test func everyBrokerLeadsAsOften() throws {
        let brokers = (0..<4).map { ReplicaPlacer.Broker(id: $0) }
        let placements = try place(brokers, 40, 2)
        for id in Int32(0)..<4 {
            #expect(placements.filter { $0[0] == id }.count == 10)
            #expect(placements.filter { $0.contains(id) }.count == 20)
        }
    }

    @Test func replicasLieOnAsManyRacksAsThereAre() throws {
        let racks = ["a", "a", "b", "b"]
        let brokers = racks.enumerated().map { ReplicaPlacer.Broker(id: Int32($0.offset), rack: $0.element) }
        for replicas in try place(brokers, 20, 2) {
            #expect(Set(replicas.map { racks[Int($0)] }).count == 2)
        }
        let leaders = try place(brokers, 40, 2).map { $0[0] }
        #expect(Set(leaders).count == 4)
    }

    @Test func fencedBrokersComeLast() throws {
        let brokers = (0..<3).map { ReplicaPlacer.Broker(id: $0, isFenced: $0 == 1) }
        for replicas in try place(brokers, 10, 3) { #expect(replicas.last == 1) }
    }

    @Test func saysWhyItCannot() {
        #expect(throws: ReplicaPlacer.Failure.notEnoughBrokers(wanted: 2, registered: 1)) {
            try place([.init(id: 1)], 1, 2)
        }
        #expect(throws: ReplicaPlacer.Failure.allFenced) { try place([.init(id: 1, isFenced: true)], 1, 1) }
        #expect(throws: ReplicaPlacer.Failure.noReplicas) { try place([.init(id: 1)], 1, 0) }
    }
}

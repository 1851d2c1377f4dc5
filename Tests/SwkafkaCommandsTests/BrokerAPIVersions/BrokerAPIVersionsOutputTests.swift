import Testing

@testable import SwkafkaCommands

@Suite struct BrokerAPIVersionsOutputTests {
    @Test func printsAsKafkaDoes() {
        let broker = BrokerAPIVersionsOutput.Broker(
            address: "localhost:9092",
            id: 1,
            rack: nil,
            result: .apis([
                .init(key: 999, name: nil, offered: 0...3, known: nil),
                .init(key: 0, name: "Produce", offered: 0...11, known: 3...12),
                .init(key: 7, name: "ControlledShutdown", offered: nil, known: 0...3),
                .init(key: 45, name: "AlterPartitionReassignments", offered: 0...0, known: 0...0),
                .init(key: 60, name: "New", offered: 5...6, known: 0...4),
                .init(key: 61, name: "Old", offered: 0...1, known: 2...4),
            ])
        )
        #expect(
            BrokerAPIVersionsOutput.text(broker)
                == "localhost:9092 (id: 1 rack: null) -> (\n"
                + "\tProduce(0): 0 to 11 [usable: 11],\n"
                + "\tControlledShutdown(7): UNSUPPORTED,\n"
                + "\tAlterPartitionReassignments(45): 0 [usable: 0],\n"
                + "\tNew(60): 5 to 6 [unusable: node too new],\n"
                + "\tOld(61): 0 to 1 [unusable: node too old],\n"
                + "\tUNKNOWN(999): 0 to 3\n)\n"
        )
    }

    @Test func anUnreachableBrokerIsNamed() {
        let broker = BrokerAPIVersionsOutput.Broker(address: "b:1", id: 2, rack: "r1", result: .error("refused"))
        #expect(BrokerAPIVersionsOutput.text(broker) == "b:1 (id: 2 rack: r1) -> ERROR: refused\n")
    }
}

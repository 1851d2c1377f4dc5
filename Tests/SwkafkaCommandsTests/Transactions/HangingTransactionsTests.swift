import KafkaClient
import Testing

@testable import SwkafkaCommands

@Suite struct HangingTransactionsTests {
    private func open(_ producer: Int64, _ partition: Int32) -> OpenTransaction {
        OpenTransaction(
            partition: TopicPartition(topic: "t", partition: partition),
            producer: ActiveProducer(
                id: producer,
                epoch: 0,
                lastSequence: 1,
                lastTimestampMs: 0,
                coordinatorEpoch: nil,
                transactionStartOffset: 3
            ),
            startOffset: 3
        )
    }

    @Test func hangsWhatNoCoordinatorKnows() {
        let noID = open(1, 0)
        let forgotten = open(2, 0)
        let elsewhere = open(3, 0)
        let fine = open(3, 1)
        let hanging = HangingTransactions.hanging(
            [noID, forgotten, elsewhere, fine],
            ids: [2: "gone", 3: "x"],
            known: ["x": [fine.partition]]
        )
        #expect(hanging == [noID, forgotten, elsewhere])
    }

    @Test func tablesEndCellsWithTabs() {
        let text = TransactionsOutput.hanging([open(1, 0)], nowMs: 180_000).text
        #expect(
            text
                == "Topic\tPartition\tProducerId\tProducerEpoch\tCoordinatorEpoch\tStartOffset\tLastTimestamp\t"
                + "Duration(min)\t\n"
                + "t    \t0        \t1         \t0            \t-1              \t3          \t0            \t"
                + "3            \t\n"
        )
    }

    @Test func optionsMayStandBeforeTheSubcommand() throws {
        let words = [
            "transactions", "--bootstrap-server", "h:1", "--command-config=f", "describe", "--transactional-id", "x",
        ]
        let command = try CommandLineReader.parse(words) as? TransactionsDescribeCommand
        #expect(command?.transactionalId == "x")
        #expect(command?.connection.servers == .servers("h:1"))
        #expect(command?.connection.commandConfig == "f")
        #expect(try CommandLineReader.parse(["transactions", "--bootstrap-server", "h:1"]) is TransactionsCommand)
    }

    @Test func groupsOfEveryType() throws {
        let groups = [
            GroupListing(id: "a", protocolType: "", state: .empty, type: .classic),
            GroupListing(id: "b", protocolType: "connect", state: .stable, type: .classic),
            GroupListing(id: "c", protocolType: "consumer", state: .stable, type: .consumer),
            GroupListing(id: "d", protocolType: "share", state: .stable, type: .share),
        ]
        func shown(_ words: String...) throws -> String {
            let command = try CommandLineReader.parse(["groups", "--bootstrap-server", "h:1", "--list"] + words)
            return groups.filter { (command as? GroupsCommand)?.shows($0) == true }.map(\.id).joined()
        }
        #expect(try shown() == "abcd")
        #expect(try shown("--consumer") == "ac")
        #expect(try shown("--share") == "d")
        #expect(try shown("--streams").isEmpty)
        #expect(try shown("--group-type", "classic", "--protocol", "connect") == "b")
        #expect(throws: (any Error).self) { try shown("--consumer", "--share") }
        #expect(throws: (any Error).self) { try shown("--group-type", "x") }
        #expect(
            GroupsCommand.text([groups[2]])
                == "GROUP                TYPE                 PROTOCOL            \n"
                + "c                    Consumer             consumer             \n"
        )
    }
}

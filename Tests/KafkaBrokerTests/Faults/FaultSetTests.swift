import Testing

@testable import KafkaBroker

@Suite struct FaultSetTests {
    @Test(arguments: [
        ("cut 1001|1002,1003", "cut 1001|1002,1003"), ("cut 1001 1003,1002", "cut 1001|1002,1003"),
        ("cut controller|1002 refused", "cut controller|1002 refused"), ("cut 1 1002 silent", "cut controller|1002"),
        ("slow 1002 200ms", "slow 1002 200ms"), ("slow controller 1s", "slow controller 1000ms"),
        ("disk-full 1003", "disk-full 1003"), ("fsync-error 1003", "fsync-error 1003"),
    ])
    func readsWhatPeopleWrite(text: String, written: String) throws {
        let fault = try Fault(words: text.split(separator: " ").map(String.init))
        #expect(fault.description == written)
        #expect(try Fault(words: fault.description.split(separator: " ").map(String.init)) == fault)
    }

    @Test(arguments: [
        "", "melt 1001", "cut", "cut 1001", "cut 1001|", "cut 1001|1001", "cut a|b", "cut 1001|1002 soft",
        "cut refused", "slow 1002", "slow 1002 fast", "slow 1002 2h", "slow 1002 1s 2s", "disk-full", "disk-full 1 2",
        "fsync-error -5",
    ])
    func refusesWhatIsNoFault(text: String) {
        #expect(throws: FaultSyntaxError.self) {
            try Fault(words: text.split(separator: " ").map(String.init))
        }
    }

    @Test func keepsOneOfAKind() throws {
        var faults = try FaultSet(text: "slow 1002 200ms\n\ncut 1001|1002\nslow 1002 1s\ncut 1001|1002 refused\n")
        #expect(faults.text == "cut 1001|1002 refused\nslow 1002 1000ms\n")
        faults.add(.slow(1002, ms: 0))
        #expect(faults.text == "cut 1001|1002 refused\n" && faults.nodes == [1001, 1002])
        #expect(try FaultSet(text: "").isEmpty)
    }

    @Test func knowsWhoIsApart() throws {
        let faults = try FaultSet(text: "cut 1001|1002,1003\ncut controller|1001 refused")
        #expect(faults.cut(between: 1002, and: 1001)?.isRefused == false)
        #expect(faults.cut(between: 1001, and: 1)?.isRefused == true)
        #expect(faults.cut(between: 1002, and: 1003) == nil && faults.cut(between: 1002, and: 1) == nil)
    }
}

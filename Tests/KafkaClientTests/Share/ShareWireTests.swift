import KafkaClient
import KafkaMessages
import KafkaTestSupport
import KafkaWire
import NIOCore
import Testing

/// The bytes that go out, worked out by hand from the layouts of version 1.
@Suite("Bytes of share groups' requests") struct ShareWireTests {
    private static func hex(_ request: some KafkaRequest) throws -> String {
        var writer = WireWriter()
        try request.write(to: &writer, version: 1)
        return writer.buffer.readableBytesView.map { byte in
            let digits = String(byte, radix: 16)
            return byte < 0x10 ? "0" + digits : digits
        }.joined()
    }

    private static let id = "00000000000000010000000000000002"

    @Test func heartbeats() throws {
        var membership = ShareMembershipTests.membership()
        guard case .beat(let join) = membership.next(nowMs: 0) else {
            Issue.record("does not join")
            return
        }
        // g, me, epoch 0, rack r, one topic t; no tags
        #expect(try Self.hex(join) == "0267" + "036d65" + "00000000" + "0272" + "02" + "0274" + "00")
        membership.beaten(.success(ShareMembershipTests.response(3, [0])), nowMs: 0)
        membership.resolved([ShareMembershipTests.id: "t"])
        guard case .beat(let beat) = membership.next(nowMs: 1000) else {
            Issue.record("no heartbeat")
            return
        }
        #expect(try Self.hex(beat) == "0267" + "036d65" + "00000003" + "00" + "00" + "00")
        let end = membership.leave()
        let leave = try #require(end)
        #expect(try Self.hex(leave) == "0267" + "036d65" + "ffffffff" + "00" + "00" + "00")
    }

    @Test func fetchesAndAcknowledgements() throws {
        var core = ShareCoreTests.core { $0.partition == 0 ? 1 : nil }
        let first = try #require(core.takeRequests(nowMs: 0).requests[1])
        // epoch 0, 300 ms, 1 byte, 50 MiB, 10 records, batches of 10
        let limits = "0000012c" + "00000001" + "03200000" + "0000000a" + "0000000a"
        let topic = "02" + Self.id + "02" + "00000000"
        #expect(
            try Self.hex(first) == "0267" + "036d65" + "00000000" + limits + topic + "01" + "00" + "00" + "01" + "00"
        )
        let lend = ShareCoreTests.answer([try TestBatch.bytes(["a", "b", "c"], at: 5)], [(5...7, 1)])
        _ = core.fetched(.success(lend), from: 1, nowMs: 0)
        let batch = try #require(try core.take()?.get())
        core.acknowledge(batch, 5...6, as: .accept)
        core.acknowledge(batch, 7...7, as: .reject)
        let second = try #require(core.takeRequests(nowMs: 0).requests[1])
        let runs =
            "03" + "0000000000000005" + "0000000000000006" + "02" + "01" + "00"
            + "0000000000000007" + "0000000000000007" + "02" + "03" + "00"
        #expect(
            try Self.hex(second) == "0267" + "036d65" + "00000001" + limits + topic + runs + "00" + "00" + "01" + "00"
        )
        _ = core.fetched(
            .success(ShareCoreTests.answer([try TestBatch.bytes(["d"], at: 8)], [(8...8, 2)])),
            from: 1,
            nowMs: 0
        )
        let last = try #require(try core.take()?.get())
        core.acknowledge(last, 8...8, as: .release)
        let closing = try #require(core.close()[1])
        let run = "02" + "0000000000000008" + "0000000000000008" + "02" + "02" + "00"
        #expect(try Self.hex(closing) == "0267" + "036d65" + "ffffffff" + topic + run + "00" + "00" + "00")
    }
}

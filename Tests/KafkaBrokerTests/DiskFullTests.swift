import KafkaMessages
import KafkaStorage
import KafkaTestSupport
import KafkaWire
import Testing

@testable import KafkaBroker

/// The disk of a running broker fills up and gets room again.
@Suite(.timeLimit(.minutes(5))) struct DiskFullTests {
    /// From no room at all to room for several segments, so that it runs out while appending, rolling and indexing.
    @Test(arguments: stride(from: 0, through: 4500, by: 310).map { Int64($0) })
    func nothingAcknowledgedIsLost(room: Int64) async throws {
        let disk = FaultyFileSystem()
        let environment = BrokerEnvironment(fileSystem: disk)
        let configs = ["segment.bytes": "1048576", "index.interval.bytes": "0"]
        try await withBroker(directory: "/data", environment: environment) { client async throws -> Void in
            try await client.create("t", configs: configs)
            var written: [String] = []
            func produce(_ value: String) async throws -> ErrorCode {
                let answer = try await client.produce("t", try batch([value]))
                if answer.errorCode == .none {
                    #expect(answer.baseOffset == Int64(written.count))
                    written.append(value)
                }
                return answer.errorCode
            }
            #expect(try await produce("before") == .none)
            disk.setCapacity(disk.usedBytes + room)
            var code = ErrorCode.none
            for number in 0..<100 where code == .none { code = try await produce("full \(number)") }
            // Retriable: the client waits for room.
            #expect(code == .kafkaStorageError)
            #expect(try await produce("still full") == .kafkaStorageError || room > 0)
            // Reading goes on, and so does what needs no room.
            #expect(try values(try await client.fetch("t", from: 0)).map(\.value) == written)
            let topic = CreateTopicsRequest.CreatableTopic(name: "u", numPartitions: 1, replicationFactor: 1)
            let refused = try await client.send(CreateTopicsRequest(topics: [topic])).topics[0].errorCode
            disk.setCapacity(nil)
            #expect(try await produce("after") == .none)
            #expect(try values(try await client.fetch("t", from: 0)).map(\.value) == written)
            if refused != .none { try await client.create("u") }
            // If there was no room for its files, they are made within the next second or two.
            while try await client.produce("u", try batch(["there"])).errorCode != .none {
                try await Task.sleep(for: .milliseconds(5))
            }
        }
        try await withBroker(directory: "/data", environment: environment) { client async throws -> Void in
            #expect(try values(try await client.fetch("t", from: 0)).last?.value == "after")
            #expect(try values(try await client.fetch("u", from: 0)).map(\.value) == ["there"])
        }
    }
}

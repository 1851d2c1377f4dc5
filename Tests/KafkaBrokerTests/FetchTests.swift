import KafkaMessages
import KafkaTransport
import KafkaWire
import NIOCore
import Testing

@testable import KafkaBroker

@Suite struct FetchTests {
    @Test func everyVersion() async throws {
        try await withBroker { client async throws -> Void in
            let id = try await client.create("t")
            _ = try await client.produce("t", try batch(["a", "b"]))
            for version in Int16(4)...17 {
                var topic = FetchRequest.FetchTopic(
                    partitions: [.init(partition: 0, fetchOffset: 1, partitionMaxBytes: 1000)]
                )
                if version >= 13 { topic.topicId = id } else { topic.topic = "t" }
                let response = try await client.send(FetchRequest(minBytes: 1, topics: [topic]), version: version)
                #expect(response.errorCode == .none)
                let data = response.responses[0].partitions[0]
                #expect(data.errorCode == .none)
                #expect(data.highWatermark == 2 && data.lastStableOffset == 2)
                // The whole batch that holds the offset.
                #expect(try values(data).map(\.offset) == [0, 1])
            }
        }
    }

    @Test func checksOffsetsAndEpochs() async throws {
        try await withBroker { client async throws -> Void in
            try await client.create("t")
            _ = try await client.produce("t", try batch(["a"]))
            let atEnd = try await client.fetch("t", from: 1)
            #expect(atEnd.errorCode == .none && atEnd.records?.count == 0)
            for offset in [-1, 2] as [Int64] {
                let data = try await client.fetch("t", from: offset)
                #expect(data.errorCode == .offsetOutOfRange)
                #expect(data.highWatermark == -1)
            }
            #expect(try await client.fetch("t", 3, from: 0).errorCode == .unknownTopicOrPartition)
            #expect(try await client.fetch("nope", from: 0).errorCode == .unknownTopicOrPartition)
            let fetch = { (epoch: Int32, last: Int32, offset: Int64) in
                let partition = FetchRequest.FetchPartition(
                    partition: 0,
                    currentLeaderEpoch: epoch,
                    fetchOffset: offset,
                    lastFetchedEpoch: last,
                    partitionMaxBytes: 1000
                )
                let request = FetchRequest(minBytes: 1, topics: [.init(topic: "t", partitions: [partition])])
                return try await client.send(request, version: 12).responses[0].partitions[0]
            }
            #expect(try await fetch(0, -1, 0).errorCode == .none)
            #expect(try await fetch(1, -1, 0).errorCode == .unknownLeaderEpoch)
            let unknown = FetchRequest(
                minBytes: 1,
                topics: [.init(topicId: .one, partitions: [.init(partition: 0, partitionMaxBytes: 1)])]
            )
            let byID = try await client.send(unknown, version: 16).responses[0].partitions[0]
            #expect(byID.errorCode == .unknownTopicId)
        }
    }

    @Test func theFirstBatchIsWholeAndLimitsHoldAfterIt() async throws {
        try await withBroker { client async throws -> Void in
            try await client.create("t", partitions: 2)
            let big = String(repeating: "x", count: 5000)
            for partition in Int32(0)...1 { _ = try await client.produce("t", partition: partition, try batch([big])) }
            let partitions = (0...1).map { FetchRequest.FetchPartition(partition: $0, partitionMaxBytes: 100) }
            let request = FetchRequest(minBytes: 1, maxBytes: 100, topics: [.init(topic: "t", partitions: partitions)])
            let parts = try await client.send(request, version: 12).responses[0].partitions
            #expect(try values(parts[0]).count == 1)
            #expect(parts[1].errorCode == .none && parts[1].records?.count == 0)
            #expect(parts[1].highWatermark == 1)
        }
    }

    @Test func waitsForTheAppendAndNotForTheClock() async throws {
        try await withBroker { client async throws -> Void in
            try await client.create("t")
            let reader = try await connect(client.address)
            let waiting = TestClient(address: client.address, connection: reader)
            let start = ContinuousClock.now
            async let data = waiting.fetch("t", from: 0, maxWaitMs: 15_000)
            _ = try await client.produce("t", try batch(["a"]))
            #expect(try values(try await data).map(\.value) == ["a"])
            #expect(ContinuousClock.now - start < .seconds(10))
            // And for time when nothing comes.
            let empty = try await waiting.fetch("t", from: 1, maxWaitMs: 50)
            #expect(empty.records?.count == 0)
            await reader.closeAndWait()
        }
    }

    @Test func waitsUntilThereAreEnoughBytes() async throws {
        try await withBroker { client async throws -> Void in
            try await client.create("t")
            let reader = try await connect(client.address)
            let waiting = TestClient(address: client.address, connection: reader)
            let one = try batch(["a"])
            async let data = waiting.fetch("t", from: 0, maxWaitMs: 15_000, minBytes: Int32(one.readableBytes * 3))
            for _ in 0..<3 { _ = try await client.produce("t", one) }
            #expect(try values(try await data).count == 3)
            await reader.closeAndWait()
        }
    }

    @Test func deletingTheTopicEndsTheWait() async throws {
        try await withBroker { client async throws -> Void in
            try await client.create("t")
            let reader = try await connect(client.address)
            let waiting = TestClient(address: client.address, connection: reader)
            async let data = waiting.fetch("t", from: 0, maxWaitMs: 15_000)
            _ = try await client.send(DeleteTopicsRequest(topics: [.init(name: "t")]))
            #expect(try await data.errorCode == .unknownTopicOrPartition)
            await reader.closeAndWait()
        }
    }

    @Test func sessionsTellOnlyWhatIsNew() async throws {
        try await withBroker { client async throws -> Void in
            try await client.create("t", partitions: 2)
            let partitions = (0...1).map { FetchRequest.FetchPartition(partition: $0, partitionMaxBytes: 1000) }
            var request = FetchRequest(
                sessionId: 0,
                sessionEpoch: 0,
                topics: [.init(topic: "t", partitions: partitions)]
            )
            let full = try await client.send(request, version: 12)
            #expect(full.sessionId > 0)
            #expect(full.responses[0].partitions.count == 2)
            request = FetchRequest(sessionId: full.sessionId, sessionEpoch: 1)
            #expect(try await client.send(request, version: 12).responses.isEmpty)
            _ = try await client.produce("t", partition: 1, try batch(["a"]))
            request.sessionEpoch = 2
            let news = try await client.send(request, version: 12)
            #expect(news.responses.map { $0.partitions.map(\.partitionIndex) } == [[1]])
            request.sessionEpoch = 7
            #expect(try await client.send(request, version: 12).errorCode == .invalidFetchSessionEpoch)
            request.sessionId = full.sessionId == 1 ? 2 : full.sessionId - 1
            #expect(try await client.send(request, version: 12).errorCode == .fetchSessionIdNotFound)
            request = FetchRequest(sessionId: full.sessionId, sessionEpoch: 3)
            #expect(try await client.send(request, version: 13).errorCode == .fetchSessionTopicIdError)
            // Closing it, and a fetch without one.
            request = FetchRequest(
                sessionId: full.sessionId,
                sessionEpoch: -1,
                topics: [.init(topic: "t", partitions: partitions)]
            )
            #expect(try await client.send(request, version: 12).sessionId == 0)
            request = FetchRequest(sessionId: full.sessionId, sessionEpoch: 3)
            #expect(try await client.send(request, version: 12).errorCode == .fetchSessionIdNotFound)
        }
    }

    @Test func zstdNeedsANewEnoughReader() async throws {
        try await withBroker { client async throws -> Void in
            try await client.create("t", configs: ["compression.type": "zstd"])
            _ = try await client.produce("t", try batch(["a"]))
            #expect(try await client.fetch("t", from: 0, version: 9).errorCode == .unsupportedCompressionType)
            #expect(try values(try await client.fetch("t", from: 0, version: 10)).count == 1)
        }
    }
}

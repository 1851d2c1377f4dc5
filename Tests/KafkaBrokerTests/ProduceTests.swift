import KafkaCompression
import KafkaMessages
import KafkaTransport
import KafkaWire
import NIOCore
import Testing

@testable import KafkaBroker

@Suite struct ProduceTests {
    @Test(arguments: CompressionCodec.allCases)
    func keepsWhatCame(codec: CompressionCodec) async throws {
        try await withBroker { client async throws -> Void in
            try await client.create("t")
            let first = try await client.produce("t", try batch(["a", nil, ""], codec: codec))
            #expect(first.errorCode == .none)
            #expect(first.baseOffset == 0 && first.logAppendTimeMs == -1 && first.logStartOffset == 0)
            #expect(try await client.produce("t", try batch(["b"], codec: codec)).baseOffset == 3)
            let data = try await client.fetch("t", from: 0)
            #expect(data.highWatermark == 4)
            #expect(try values(data).map(\.value) == ["a", nil, "", "b"])
        }
    }

    @Test func everyVersion() async throws {
        try await withBroker { client async throws -> Void in
            try await client.create("t")
            for version in Int16(0)...2 {
                let answer = try await client.produce("t", try batch(["x"]), version: version)
                #expect(answer.errorCode == .unsupportedVersion)
            }
            for version in Int16(3)...12 {
                let answer = try await client.produce("t", try batch(["x"]), version: version)
                #expect(answer.errorCode == .none)
                #expect(answer.baseOffset == Int64(version) - 3)
            }
            let zstd = try batch([String(repeating: "z", count: 100)], codec: .zstd)
            #expect(try await client.produce("t", zstd, version: 6).errorCode == .unsupportedCompressionType)
        }
    }

    @Test func refusesBatchesThatBreakARule() async throws {
        try await withBroker { client async throws -> Void in
            try await client.create("t", configs: ["max.message.bytes": "200"])
            try await client.create("compacted", configs: ["cleanup.policy": "compact"])
            var damaged = try batch(["abc"])
            damaged.setInteger(UInt8(0xEE), at: damaged.readableBytes - 2)
            var two = try batch(["a"])
            two.writeImmutableBuffer(try batch(["b"]))
            let cases: [(String, ByteBuffer, ErrorCode)] = [
                ("t", damaged, .corruptMessage),
                ("t", two, .invalidRecord),
                ("t", ByteBuffer(), .invalidRecord),
                ("t", ByteBuffer(repeating: 0, count: 40), .corruptMessage),
                ("t", try batch([String(repeating: "x", count: 300)]), .messageTooLarge),
                ("t", try batch(["a"], isControl: true), .invalidRecord),
                ("t", try batch(["a"], producerID: 5, epoch: 0, sequence: -1), .invalidRecord),
                ("t", try batch(["a"], timestampMs: 99_000_000_000_000), .invalidTimestamp),
                ("compacted", try batch(["a"], keys: false), .invalidRecord),
                ("nope", try batch(["a"]), .unknownTopicOrPartition),
            ]
            for (topic, records, code) in cases {
                let answer = try await client.produce(topic, records)
                #expect(answer.errorCode == code)
                #expect(answer.baseOffset == -1)
            }
            let keyless = try await client.produce("compacted", try batch(["a", "b"], keys: false))
            #expect(keyless.recordErrors.map(\.batchIndex) == [0, 1])
            #expect(try await client.produce("t", partition: 5, try batch(["a"])).errorCode == .unknownTopicOrPartition)
            #expect(try await client.produce("t", try batch(["a"]), acks: 2).errorCode == .invalidRequiredAcks)
            let transactional = try batch(["a"], producerID: 5, epoch: 0, sequence: 0, isTransactional: true)
            #expect(try await client.produce("t", transactional).errorCode == .transactionalIdAuthorizationFailed)
            // Nothing of all this is in the log.
            #expect(try await client.produce("t", try batch(["ok"])).baseOffset == 0)
        }
    }

    @Test func partitionsAreIndependent() async throws {
        try await withBroker { client async throws -> Void in
            try await client.create("t", partitions: 2)
            let request = ProduceRequest(
                acks: 1,
                timeoutMs: 1000,
                topicData: [
                    .init(
                        name: "t",
                        partitionData: [
                            .init(index: 7, records: .bytes(try batch(["x"]))),
                            .init(index: 1, records: .bytes(try batch(["y"]))),
                        ]
                    ),
                    .init(name: "u", partitionData: [.init(index: 0, records: nil)]),
                ]
            )
            let response = try await client.send(request)
            #expect(
                response.responses.map { $0.partitionResponses.map(\.errorCode) }
                    == [[.unknownTopicOrPartition, .none], [.unknownTopicOrPartition]]
            )
        }
    }

    @Test func idempotentProducersAreServedOnce() async throws {
        try await withBroker { client async throws -> Void in
            try await client.create("t")
            let id = try await client.send(InitProducerIdRequest())
            #expect(id.errorCode == .none && id.producerId == 0 && id.producerEpoch == 0)
            #expect(try await client.send(InitProducerIdRequest()).producerId == 1)
            let send = { (sequence: Int32, epoch: Int16) in
                try await client.produce(
                    "t",
                    try batch(["v"], producerID: id.producerId, epoch: epoch, sequence: sequence)
                )
            }
            #expect(try await send(0, 0).baseOffset == 0)
            #expect(try await send(1, 0).baseOffset == 1)
            let repeated = try await send(0, 0)
            #expect(repeated.errorCode == .none && repeated.baseOffset == 0)
            #expect(try await send(5, 0).errorCode == .outOfOrderSequenceNumber)
            #expect(try await send(0, 1).baseOffset == 2)
            #expect(try await send(2, 0).errorCode == .invalidProducerEpoch)
            #expect(try await client.fetch("t", from: 0).highWatermark == 3)
        }
    }

    @Test func appliesTheTopicsTimeAndCodec() async throws {
        try await withBroker { client async throws -> Void in
            try await client.create(
                "t",
                configs: ["message.timestamp.type": "LogAppendTime", "compression.type": "lz4"]
            )
            let answer = try await client.produce("t", try batch(["a", "b"], codec: .gzip, timestampMs: 5))
            #expect(answer.logAppendTimeMs > 1_700_000_000_000)
            let data = try await client.fetch("t", from: 0)
            let view = try RecordBatchView(try #require(try data.records?.bytes()))
            #expect(view.header.codec == .lz4)
            #expect(view.header.timestampType == .logAppendTime)
            #expect(view.header.maxTimestamp == answer.logAppendTimeMs)
            #expect(try values(data).map(\.value) == ["a", "b"])
        }
    }

    @Test func withoutAcksThereIsNoAnswerButAClosedConnectionOnError() async throws {
        try await withBroker { client async throws -> Void in
            try await client.create("t")
            let request = { (topic: String) throws in
                ProduceRequest(
                    acks: 0,
                    timeoutMs: 1000,
                    topicData: [
                        .init(name: topic, partitionData: [.init(index: 0, records: .bytes(try batch(["x"])))])
                    ]
                )
            }
            try await client.connection.sendWithoutResponse(try request("t"))
            let data = try await client.fetch("t", from: 0, maxWaitMs: 10_000)
            #expect(try values(data).count == 1)
            let other = try await connect(client.address)
            try await other.sendWithoutResponse(try request("nope"))
            await withCheckedContinuation { continuation in other.whenClosed { _ in continuation.resume() } }
            #expect(!other.isOpen)
        }
    }

    @Test func internalTopicsBelongToTheBroker() async throws {
        try await withBroker { client async throws -> Void in
            try await client.create("__consumer_offsets")
            let answer = try await client.produce("__consumer_offsets", try batch(["x"]))
            #expect(answer.errorCode == .invalidTopic)
        }
    }
}

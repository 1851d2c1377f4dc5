import Testing

@testable import SwkafkaCommands

@Suite struct RecordFormatterTests {
    struct Sample {
        var key: [UInt8]?
        var value: [UInt8]?
        var headers: [(String, String?)] = []
        var kind = TimestampKind.create
    }

    /// The records of the topic `c1` of Kafka's recorded transcripts.
    private let samples = [
        Sample(key: Array("k1".utf8), value: Array("v1".utf8), headers: [("h1", "a"), ("h2", "b")]),
        Sample(key: nil, value: Array("v2".utf8)),
        Sample(key: Array("k3".utf8), value: nil, headers: [("h", nil)]),
        Sample(key: [], value: [], headers: [("e", "")]),
        Sample(key: Array("k5".utf8), value: Array("grüße".utf8)),
    ]

    private func bytes(_ bytes: [UInt8]?) -> UnsafeRawBufferPointer? {
        guard let bytes else { return nil }
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, bytes.count), alignment: 1)
        copy.copyBytes(from: bytes)
        return UnsafeRawBufferPointer(rebasing: copy[..<bytes.count])
    }

    /// What the formatter writes for the samples; the copies that it reads live as long as the test process.
    private func printed(_ samples: [Sample], _ properties: [String: String]) throws -> String {
        let sink = MemorySink()
        let output = ByteOutput(sink)
        var formatter = RecordFormatter(FormatterProperties(properties))
        for (offset, sample) in samples.enumerated() {
            var record = RecordFields(
                partition: 0,
                offset: Int64(offset),
                timestamp: 1_700_000_000_000 + Int64(offset) * 1000,
                timestampKind: sample.kind,
                leaderEpoch: 4
            )
            record.key = bytes(sample.key)
            record.value = bytes(sample.value)
            for (key, value) in sample.headers {
                if let key = bytes(Array(key.utf8)) {
                    record.headers.append(.init(key: key, value: bytes(value.map { Array($0.utf8) })))
                }
            }
            try formatter.write(record, to: output)
        }
        try output.flush()
        return sink.text
    }

    @Test(
        arguments: [
            ([:], "v1\nv2\nnull\n\ngrüße\n"),
            (
                ["print.partition": "true"],
                "Partition:0\tv1\nPartition:0\tv2\nPartition:0\tnull\nPartition:0\t\nPartition:0\tgrüße\n"
            ),
            (["print.offset": "true"], "Offset:0\tv1\nOffset:1\tv2\nOffset:2\tnull\nOffset:3\t\nOffset:4\tgrüße\n"),
            (["print.headers": "true"], "h1:a,h2:b\tv1\nNO_HEADERS\tv2\nh:null\tnull\ne:\t\nNO_HEADERS\tgrüße\n"),
            (["print.key": " TRUE "], "k1\tv1\nnull\tv2\nk3\tnull\n\t\nk5\tgrüße\n"),
            (["print.key": "yes"], "v1\nv2\nnull\n\ngrüße\n"),
            (["print.value": "false"], ""),
            (["print.value": "false", "print.key": "true"], "k1\nnull\nk3\n\nk5\n"),
            (["print.key": "true", "key.separator": " = "], "k1 = v1\nnull = v2\nk3 = null\n = \nk5 = grüße\n"),
            (
                [
                    "print.key": "true", "print.headers": "true", "key.separator": "|", "line.separator": ";;",
                    "headers.separator": "&", "null.literal": "NIL",
                ],
                "h1:a&h2:b|k1|v1;;NO_HEADERS|NIL|v2;;h:NIL|k3|NIL;;e:||;;NO_HEADERS|k5|grüße;;"
            ),
        ] as [([String: String], String)]
    )
    func printsAsKafkaDoes(properties: [String: String], expected: String) throws {
        #expect(try printed(samples, properties) == expected)
    }

    @Test func printsEveryColumnInOrder() throws {
        let names = ["timestamp", "partition", "offset", "delivery", "epoch", "headers", "key"]
        let properties = Dictionary(uniqueKeysWithValues: names.map { ("print.\($0)", "true") })
        #expect(
            try printed(Array(samples[..<1]), properties)
                == "CreateTime:1700000000000\tPartition:0\tOffset:0\tDelivery:NOT_PRESENT\tEpoch:4\th1:a,h2:b\tk1\tv1\n"
        )
        var sample = Sample(value: Array("v".utf8))
        sample.kind = .logAppend
        #expect(try printed([sample], ["print.timestamp": "true"]) == "LogAppendTime:1700000000000\tv\n")
        sample.kind = .none
        #expect(try printed([sample], ["print.timestamp": "true"]) == "NO_TIMESTAMP\tv\n")
    }

    @Test func separatorsAreTakenAsTheyAre() throws {
        #expect(try printed(Array(samples[..<1]), ["print.key": "true", "key.separator": "\\t"]) == "k1\\tv1\n")
    }

    @Test func deserializers() throws {
        let numbers = [
            Sample(key: [0, 0, 0, 42], value: [0, 0, 0, 0, 0, 0, 0, 7]),
            Sample(key: [255, 255, 255, 255], value: [127] + [UInt8](repeating: 255, count: 7)),
        ]
        let prefix = "org.apache.kafka.common.serialization."
        let properties = [
            "print.key": "true", "key.deserializer": prefix + "IntegerDeserializer",
            "value.deserializer": "LongDeserializer",
        ]
        #expect(try printed(numbers, properties) == "42\t7\n-1\t9223372036854775807\n")
        #expect(
            try printed(numbers, ["value.deserializer": prefix + "DoubleDeserializer"]) == "3.5E-323\nNaN\n"
        )
        #expect(try printed([Sample(key: nil, value: nil)], properties) == "null\tnull\n")
        let bytes = [Sample(key: nil, value: [0x61, 0x5C, 0xFF, 0x0A])]
        #expect(try printed(bytes, ["value.deserializer": "BytesDeserializer"]) == "a\\x5C\\xFF\\x0A\n")
        #expect(throws: CommandFailure.self) { try printed([Sample(value: [1])], properties) }
        #expect(FormatterProperties(["value.deserializer": "no.such.D"]).unknownDeserializers == ["no.such.D"])
    }

    @Test(
        arguments: [
            (1.0, "1.0"), (-0.0, "-0.0"), (0.001, "0.001"), (0.0001, "1.0E-4"), (9_999_999.0, "9999999.0"),
            (1e7, "1.0E7"),
            (1e10, "1.0E10"), (123.456, "123.456"), (1.5e-7, "1.5E-7"),
            (1.7976931348623157e308, "1.7976931348623157E308"),
            (.infinity, "Infinity"), (-.infinity, "-Infinity"), (20_000_000.0, "2.0E7"), (1_048_576.0, "1048576.0"),
        ] as [(Double, String)]
    )
    func numbersAreWrittenAsInJava(value: Double, expected: String) {
        #expect(JavaNumber.text(value) == expected)
    }

    @Test func formattersUnderAllTheirNames() {
        #expect(FormatterKind(className: "kafka.tools.DefaultMessageFormatter") == .standard)
        #expect(FormatterKind(className: "org.apache.kafka.tools.consumer.NoOpMessageFormatter") == .noOp)
        #expect(
            FormatterKind(className: "kafka.coordinator.group.GroupMetadataManager$OffsetsMessageFormatter") == .offsets
        )
        #expect(FormatterKind(className: "NoOpMessageFormatter") == .noOp)
        #expect(FormatterKind(className: "no.such.F") == nil)
        #expect(FormatterKind(className: "no.such.NoOpMessageFormatter") == nil)
    }
}

/// An offset that was found.
struct FoundOffset: Equatable {
    var topic: String
    var partition: Int32
    var offset: Int64
}

/// What `get-offsets` prints.
enum GetOffsetsOutput {
    /// Sorted as Kafka does, by `topic-partition` taken as text: `t-10` before `t-2`.
    static func sorted(_ offsets: [FoundOffset]) -> [FoundOffset] {
        offsets.sorted { first, second in
            Array("\(first.topic)-\(first.partition)".utf8)
                .lexicographicallyPrecedes(Array("\(second.topic)-\(second.partition)".utf8))
        }
    }

    static func text(_ offsets: [FoundOffset]) -> String {
        offsets.map { "\($0.topic):\($0.partition):\($0.offset)\n" }.joined()
    }

    static func value(_ offsets: [FoundOffset]) -> DataValue {
        .array(
            offsets.map {
                .members([
                    "topic": .string($0.topic), "partition": .number($0.partition), "offset": .number($0.offset),
                ])
            }
        )
    }

    static func table(_ offsets: [FoundOffset], colour: Bool) -> String {
        var table = TextTable([.left("TOPIC"), .right("PARTITION"), .right("OFFSET")])
        for found in offsets {
            table.add([.init(found.topic), .init(String(found.partition)), .init(String(found.offset))])
        }
        return table.text(colour: colour)
    }
}

public import KafkaWire
public import NIOCore

/// A record on its way to a topic.
public struct ProducerRecord: Sendable {
    /// The topic's name.
    public var topic: String
    /// Where to write it; `nil` lets the partitioner choose.
    public var partition: Int32?
    /// `nil` is null, which is not the same as empty. Records with equal keys go to the same partition.
    public var key: ByteBuffer?
    /// `nil` is null: in a compacted topic it deletes the key.
    public var value: ByteBuffer?
    /// Names and values that travel along; order is kept, names may repeat.
    public var headers: [RecordHeader]
    /// When it happened, in ms since 1970; `nil` for now.
    public var timestampMs: Int64?

    /// A record of bytes.
    public init(
        topic: String,
        partition: Int32? = nil,
        key: ByteBuffer? = nil,
        value: ByteBuffer?,
        headers: [RecordHeader] = [],
        timestampMs: Int64? = nil
    ) {
        self.topic = topic
        self.partition = partition
        self.key = key
        self.value = value
        self.headers = headers
        self.timestampMs = timestampMs
    }

    /// A record of text, as UTF-8.
    public init(topic: String, key: String? = nil, value: String?) {
        self.init(topic: topic, key: key.map(ByteBuffer.init(string:)), value: value.map(ByteBuffer.init(string:)))
    }
}

/// Where a record was written.
public struct RecordMetadata: Hashable, Sendable {
    /// The topic's name.
    public var topic: String
    /// The partition that it is in.
    public var partition: Int32
    /// Its place in the partition; -1 when the broker did not tell, as with acks=0.
    public var offset: Int64
    /// Its timestamp in ms since 1970: its own, or when the broker appended it, as the topic has it.
    public var timestampMs: Int64
}

/// What became of some records that were sent together: all of them, as a broker takes or refuses a batch as a whole.
public struct DeliveryReport: Sendable {
    /// The topic's name.
    public var topic: String
    /// The partition that they went to.
    public var partition: Int32
    /// How many records.
    public var recordCount: Int
    /// From the first record's timestamp to the latest, in ms since 1970: when they were handed over, unless they bear
    /// other times.
    public var timestampsMs: ClosedRange<Int64>
    /// The offset of the first one (-1 when the broker did not tell), the others follow; or why none was delivered.
    public var baseOffset: Result<Int64, KafkaClientError>
}

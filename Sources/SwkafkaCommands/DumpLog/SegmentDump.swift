import KafkaMessages
import KafkaStorage
import KafkaWire
import NIOCore

/// Prints the batches of a segment or metadata snapshot, and their records if asked to.
struct SegmentDump {
    let path: String
    let decoder: RecordDecoder
    let showsData: Bool
    let showsRecords: Bool
    let skipsRecordMetadata: Bool
    /// nil: the whole file.
    let limit: Int64?
    let output: ByteOutput

    private var line = TextLine()
    private var lastOffset: Int64?
    /// Offsets that do not follow each other, the latest first, as Kafka lists them.
    private(set) var gaps: [(Int64, Int64)] = []

    init(_ path: String, command: DumpLogCommand, output: ByteOutput) throws(CommandFailure) {
        self.path = path
        decoder = try command.decoding.decoder()
        showsData = command.showsData
        showsRecords = command.showsData || command.deepIteration
        skipsRecordMetadata = command.skipRecordMetadata
        limit = command.maxBytes == .max ? nil : Int64(command.maxBytes)
        self.output = output
    }

    mutating func run(_ fileSystem: any FileSystem) throws {
        try writeTitle()
        var scanner = try BatchScanner(path: path, fileSystem: fileSystem, limit: limit ?? .max)
        while true {
            switch try scanner.next() {
            case .batch(let batch, let position):
                try write(batch, position: position)
                if showsRecords { try writeRecords(of: batch) }
            case .end(let unread):
                guard unread > 0, limit == nil else { return }
                line.add("Found \(unread) invalid bytes at the end of \(DumpLogRunner.name(of: path))")
                try line.end(output)
                return
            case .damage(let reason):
                throw CommandFailure("Cannot read \(path) at byte \(scanner.position): \(reason).")
            }
        }
    }

    private mutating func writeTitle() throws {
        let name = DumpLogRunner.name(of: path)
        if name.hasSuffix(LogFileName.log) {
            line.add("Log starting offset: \(try DumpLogRunner.offset(of: path))")
        } else if name == "bootstrap.checkpoint" {
            line.add("KRaft bootstrap snapshot")
        } else if let id = MetadataSnapshotName(fileName: name) {
            line.add("Snapshot end offset: \(id.endOffset), epoch: \(id.epoch)")
        } else {
            throw CommandFailure("\(path) is not named like a metadata snapshot: 20 digits, a dash, 10 digits.")
        }
        try line.end(output)
    }

    // MARK: Batches

    private mutating func write(_ batch: RecordBatchView, position: Int64) throws {
        let header = batch.header
        if header.magic >= 2 {
            writeNumbers(of: header)
        } else {
            line.add("offset: ")
            line.add(header.lastOffset)
        }
        line.add(" position: ")
        line.add(position)
        line.add(" ")
        addTimestamp(header, header.maxTimestamp)
        line.add(" size: ")
        line.add(header.sizeInBytes)
        line.add(" magic: ")
        line.add(header.magic)
        line.add(" compresscodec: ")
        line.add(header.codec.map { "\($0)" } ?? "unknown(\(header.codecBits))")
        line.add(" crc: ")
        line.add(header.crc)
        line.add(" isvalid: ")
        line.add(batch.isChecksumValid)
        try line.end(output)
    }

    private mutating func writeNumbers(of header: RecordBatchHeader) {
        let numbers: [(StaticString, Int64)] = [
            ("baseOffset: ", header.baseOffset), (" lastOffset: ", header.lastOffset),
            (" count: ", Int64(header.recordCount)), (" baseSequence: ", Int64(header.baseSequence)),
            (" lastSequence: ", Int64(header.lastSequence)), (" producerId: ", header.producerId),
            (" producerEpoch: ", Int64(header.producerEpoch)),
            (" partitionLeaderEpoch: ", Int64(header.partitionLeaderEpoch)),
        ]
        for (name, value) in numbers {
            line.add(name)
            line.add(value)
        }
        line.add(" isTransactional: ")
        line.add(header.isTransactional)
        line.add(" isControl: ")
        line.add(header.isControl)
        line.add(" deleteHorizonMs: ")
        line.add(header.hasDeleteHorizon ? "OptionalLong[\(header.baseTimestamp)]" : "OptionalLong.empty")
    }

    private mutating func addTimestamp(_ header: RecordBatchHeader, _ timestamp: Int64) {
        if header.magic == 0 {
            line.add("NoTimestampType: ")
        } else {
            line.add(header.timestampType == .logAppendTime ? "LogAppendTime: " : "CreateTime: " as StaticString)
        }
        line.add(timestamp)
    }

    // MARK: Records

    private mutating func writeRecords(of batch: RecordBatchView) throws {
        var failure: (any Error)?
        do throws(RecordError) {
            try batch.forEachRecord { record in
                do {
                    try write(record, of: batch.header)
                } catch {
                    failure = error
                }
                return failure == nil
            }
        } catch {
            throw CommandFailure("The batch at offset \(batch.header.baseOffset) of \(path) cannot be read: \(error).")
        }
        if let failure { throw failure }
    }

    private mutating func write(_ record: RawRecord, of header: RecordBatchHeader) throws {
        if let lastOffset, record.offset != lastOffset &+ 1 { gaps.insert((lastOffset, record.offset), at: 0) }
        lastOffset = record.offset
        if !skipsRecordMetadata { writeMetadata(of: record, header) }
        if showsData && !header.isControl {
            try decoder.write(record, prefix: skipsRecordMetadata ? "| " : " ", to: &line)
        }
        try line.end(output)
    }

    private mutating func writeMetadata(of record: RawRecord, _ header: RecordBatchHeader) {
        line.add("| offset: ")
        line.add(record.offset)
        line.add(" ")
        addTimestamp(header, record.timestampMs)
        line.add(" keySize: ")
        line.add(record.key?.count ?? -1)
        line.add(" valueSize: ")
        line.add(record.value?.count ?? -1)
        if header.magic >= 2 {
            line.add(" sequence: ")
            let delta = Int32(truncatingIfNeeded: record.offset &- header.baseOffset)
            line.add(header.baseSequence < 0 ? -1 : RecordBatchHeader.sequence(header.baseSequence, advancedBy: delta))
            writeHeaderKeys(of: record)
            if header.isControl { writeControl(record) }
        } else if header.codecBits == 0 {
            // The stray brace is Kafka's.
            line.add(" isValid: true crc: \(header.crc)}")
        }
    }

    private mutating func writeHeaderKeys(of record: RawRecord) {
        line.add(" headerKeys: [")
        var isFirst = true
        record.forEachHeader { key, _ in
            if !isFirst { line.add(",") }
            isFirst = false
            line.add(String(decoding: key, as: UTF8.self))
            return true
        }
        line.add("]")
    }

    private mutating func writeControl(_ record: RawRecord) {
        let key = record.key.map { ByteBuffer(bytes: $0) }
        let value = record.value.map { ByteBuffer(bytes: $0) } ?? ByteBuffer()
        let number = key.flatMap { $0.getInteger(at: $0.readerIndex + 2, as: Int16.self) } ?? -1
        switch ControlRecordType(key: key) {
        case .abort: writeMarker("ABORT", value)
        case .commit: writeMarker("COMMIT", value)
        case .snapshotHeader: writeControl("SnapshotHeader", SnapshotHeaderRecord.self, value)
        case .snapshotFooter: writeControl("SnapshotFooter", SnapshotFooterRecord.self, value)
        case .kraftVersion: writeControl("KRaftVersion", KRaftVersionRecord.self, value)
        case .kraftVoters: writeControl("KRaftVoters", VotersRecord.self, value)
        case .leaderChange: line.add(" controlType: LEADER_CHANGE(2)")
        case nil: line.add(" controlType: UNKNOWN(\(number))")
        }
    }

    private mutating func writeMarker(_ name: String, _ value: ByteBuffer) {
        let epoch = value.getInteger(at: value.readerIndex + 2, as: Int32.self)
        line.add(" endTxnMarker: \(name) coordinatorEpoch: \(epoch.map { "\($0)" } ?? "?")")
    }

    private mutating func writeControl<Message: KafkaMessage & FieldValueConvertible>(
        _ name: String,
        _ type: Message.Type,
        _ value: ByteBuffer
    ) {
        // The version stands in front, and is the first field as well.
        let version = value.getInteger(at: value.readerIndex, as: Int16.self) ?? 0
        line.add(" \(name) ")
        do throws(WireError) {
            let message = try Message(decoding: value, version: min(max(version, 0), Message.validVersions.upperBound))
            line.add(JSONText.compact(DataValue(message.fieldValue(version: version))))
        } catch {
            line.add("(unreadable: \(error))")
        }
    }
}

import KafkaMessages
import KafkaWire
import NIOCore
import Testing

/// Messages that other implementations encoded are read, compared field by field, and written byte for byte.
@Suite struct MessageVectorTests {
    @Test func allVectorsAreThere() {
        #expect(MessageVector.ofKind("request").count == 73)
        #expect(MessageVector.ofKind("response").count == 21)
        #expect(MessageVector.ofKind("log_record").count == 12)
        #expect(MessageVector.ofKind("embedded").count == 3)
    }

    @Test(arguments: MessageVector.ofKind("request"))
    func request(vector: MessageVector) throws {
        let apiKey = try #require(vector.apiKey.flatMap { APIKey(rawValue: $0) })
        #expect(apiKey.name == vector.api)
        #expect(apiKey.requestHeaderVersion(for: vector.version) == vector.headerVersion)
        var reader = WireReader(vector.bytes)
        #expect(Int(try reader.readInt32()) == reader.remaining)
        let header = try RequestHeader(from: &reader, version: vector.headerVersion)
        #expect(header.requestApiKey == apiKey.rawValue)
        #expect(header.requestApiVersion == vector.version)
        #expect(header.correlationId == vector.correlationId)
        #expect(header.clientId == vector.clientId)
        try check(apiKey.requestType, vector: vector, reader: &reader) { writer throws(WireError) in
            try header.write(to: &writer, version: vector.headerVersion)
        }
    }

    @Test(arguments: MessageVector.ofKind("response"))
    func response(vector: MessageVector) throws {
        let apiKey = try #require(vector.apiKey.flatMap { APIKey(rawValue: $0) })
        #expect(apiKey.responseHeaderVersion(for: vector.version) == vector.headerVersion)
        var reader = WireReader(vector.bytes)
        #expect(Int(try reader.readInt32()) == reader.remaining)
        let header = try ResponseHeader(from: &reader, version: vector.headerVersion)
        #expect(header.correlationId == vector.correlationId)
        try check(apiKey.responseType, vector: vector, reader: &reader) { writer throws(WireError) in
            try header.write(to: &writer, version: vector.headerVersion)
        }
    }

    /// Reads the body, compares its fields, writes it again; and does without a crash when the end is cut off.
    private func check(
        _ type: any KafkaMessage.Type,
        vector: MessageVector,
        reader: inout WireReader,
        header: (inout WireWriter) throws(WireError) -> Void
    ) throws {
        let body = reader.buffer
        let message = try type.init(from: &reader, version: vector.version)
        #expect(differences(of: message, from: try vector.fieldValues()) == [])
        let frame = try WireWriter.frame { (writer) throws(WireError) in
            try header(&writer)
            try message.write(to: &writer, version: vector.version)
        }
        #expect(frame.byteCount == (try frame.flattened().readableBytes))
        if vector.decodeOnly {
            let again = try type.init(decoding: try message.encoded(version: vector.version), version: vector.version)
            let equal = isEqual(again, message)
            #expect(equal)
        } else {
            #expect(reader.remaining == 0)
            #expect(try frame.flattened() == vector.bytes)
        }
        let used = body.readableBytes - reader.remaining
        for length in 0..<used {
            #expect(throws: WireError.self) {
                try type.init(
                    decoding: #require(body.getSlice(at: body.readerIndex, length: length)),
                    version: vector.version
                )
            }
        }
    }

    @Test(arguments: MessageVector.ofKind("log_record", "embedded").filter { $0.apiKey == nil })
    func versionedValue(vector: MessageVector) throws {
        let type = try #require(DataMessages.types.first { "\($0)" == vector.api })
        // A control record's version is one of its fields; the others have it before them.
        if vector.api == "LeaderChangeMessage" {
            let message = try type.init(decoding: vector.bytes, version: vector.version)
            #expect(differences(of: message, from: try vector.fieldValues()) == [])
            #expect(try message.encoded(version: vector.version) == vector.bytes)
        } else {
            let message = try type.init(versioned: vector.bytes)
            #expect(differences(of: message, from: try vector.fieldValues()) == [])
            #expect(try message.versioned(vector.version) == vector.bytes)
        }
        for length in 0..<vector.bytes.readableBytes {
            #expect(throws: WireError.self) {
                try type.init(versioned: #require(vector.bytes.getSlice(at: 0, length: length)))
            }
        }
    }

    @Test(arguments: MessageVector.ofKind("log_record").filter { $0.apiKey != nil })
    func metadataRecord(vector: MessageVector) throws {
        let record = try MetadataRecord(decoding: vector.bytes)
        #expect(record.recordType == vector.apiKey)
        #expect(differences(of: record.record, from: try vector.fieldValues()) == [])
        #expect(try record.encoded(version: vector.version) == vector.bytes)
        for length in 0..<vector.bytes.readableBytes {
            #expect(throws: WireError.self) {
                try MetadataRecord(decoding: #require(vector.bytes.getSlice(at: 0, length: length)))
            }
        }
    }
}

func isEqual<Message: KafkaMessage>(_ left: Message, _ right: any KafkaMessage) -> Bool {
    right as? Message == left
}

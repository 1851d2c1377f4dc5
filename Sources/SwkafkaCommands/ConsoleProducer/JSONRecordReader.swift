import KafkaClient
import KafkaWire
import NIOCore

/// Makes a record of a line of JSON as `console-consumer --output json` prints it.
///
/// Members that are absent count as null; `topic`, `offset`, `timestampType`, `leaderEpoch` and `deliveryCount` tell where
/// the record was and how it came, and are passed over.
struct JSONRecordReader {
    private static let known: Set<String> = [
        "topic", "partition", "offset", "timestamp", "timestampType", "leaderEpoch", "deliveryCount", "key", "value",
        "headers",
    ]

    /// - Parameter number: the line's number from 1, for the message when it is wrong.
    static func record(_ line: UnsafeRawBufferPointer, topic: String, number: Int) throws(CommandFailure)
        -> ProducerRecord
    {
        let document: JSONDocument
        do throws(JSONParserError) {
            document = try JSONParser.parse(Array(line))
        } catch {
            throw failure(number, "it is no JSON: \(error.reason) at byte \(error.position)")
        }
        guard case .object(let members) = document else { throw failure(number, "it is no JSON object") }
        if let unknown = members.keys.filter({ !known.contains($0) }).min() {
            throw failure(number, "there is no member '\(unknown)' of a record; known are \(known.sorted())")
        }
        var record = ProducerRecord(topic: topic, value: nil)
        record.key = try bytes(members["key"], "key", number)
        record.value = try bytes(members["value"], "value", number)
        record.partition = try number64(members["partition"], "partition", 0...Int64(Int32.max), number).map(Int32.init)
        record.timestampMs = try number64(members["timestamp"], "timestamp", 0...Int64.max, number)
        record.headers = try headers(members["headers"], number)
        return record
    }

    private static func failure(_ number: Int, _ reason: String) -> CommandFailure {
        CommandFailure("Line \(number) is no record: \(reason).", hint: "The lines before it were sent.")
    }

    private static func bytes(_ document: JSONDocument?, _ name: String, _ number: Int) throws(CommandFailure)
        -> ByteBuffer?
    {
        switch document {
        case nil, .null?: return nil
        case .string(let text)?: return ByteBuffer(string: text)
        case .object(let members)?:
            if members.count == 1, case .string(let text)? = members["base64"], let bytes = Base64.bytes(text) {
                return ByteBuffer(bytes: bytes)
            }
        default: break
        }
        throw failure(number, "\(name) must be null, a string, or {\"base64\": \"…\"}")
    }

    private static func number64(
        _ document: JSONDocument?,
        _ name: String,
        _ range: ClosedRange<Int64>,
        _ number: Int
    ) throws(CommandFailure) -> Int64? {
        switch document {
        case nil, .null?: return nil
        case .number(let text)?:
            if let value = Int64(text), range.contains(value) { return value }
        default: break
        }
        throw failure(number, "\(name) must be null or a whole number from \(range.lowerBound) to \(range.upperBound)")
    }

    private static func headers(_ document: JSONDocument?, _ number: Int) throws(CommandFailure) -> [RecordHeader] {
        let list: [JSONDocument]
        switch document {
        case nil, .null?: return []
        case .array(let documents)?: list = documents
        default: throw failure(number, "headers must be an array")
        }
        var headers: [RecordHeader] = []
        for item in list {
            guard case .object(let members) = item, case .string(let key)? = members["key"],
                members.keys.allSatisfy({ $0 == "key" || $0 == "value" })
            else { throw failure(number, "a header must be an object with a key and a value") }
            headers.append(RecordHeader(key: key, value: try bytes(members["value"], "a header's value", number)))
        }
        return headers
    }
}

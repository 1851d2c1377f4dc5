/// Writes the files that list all messages: the API keys with their types, and the metadata-log records.
struct TableEmitter {
    let schemas: [Schema]

    private var apis: [API] { schemas.compactMap(\.api).sorted { $0.key < $1.key } }

    func apiKeys() -> String {
        var out = SourceText()
        out.line(generatedMark)
        out.line()
        out.line("/// The requests of the protocol, by the number that a request header carries.")
        out.block("public enum APIKey: Int16, CaseIterable, Hashable, Sendable") { out in
            for api in apis {
                out.documentation(api.documentation)
                out.line("case \(SwiftNames.lowerCamel(api.name)) = \(api.key)")
            }
        }
        out.line()
        out.block("extension APIKey") { out in
            out.line("/// The name as the schema and Kafka's tools have it, such as `CreateTopics`.")
            emitSwitch("public var name: String", into: &out) { "\"\($0.name)\"" }
            out.line()
            out.line("/// The type of the requests.")
            emitSwitch("public var requestType: any KafkaRequest.Type", into: &out) { "\($0.name)Request.self" }
            out.line()
            out.line("/// The type of the responses.")
            emitSwitch("public var responseType: any KafkaResponse.Type", into: &out) { "\($0.name)Response.self" }
            out.line()
            out.line("/// Where the API is offered; empty for those that only ZooKeeper-era brokers spoke.")
            emitSwitch("public var listeners: Set<APIListener>", into: &out) { api in
                "[" + api.listeners.map { ".\($0)" }.joined(separator: ", ") + "]"
            }
        }
        return out.text
    }

    private func emitSwitch(_ head: String, into out: inout SourceText, _ value: (API) -> String) {
        out.block(head) { out in
            out.line("switch self {")
            for api in apis {
                out.line("case .\(SwiftNames.lowerCamel(api.name)): \(value(api))")
            }
            out.line("}")
        }
    }

    func metadataRecords() -> String {
        var records: [(key: Int, name: String, documentation: [String])] = []
        for message in schemas.flatMap(\.messages) {
            if case .record(let key) = message.kind {
                records.append((key, message.body.name, message.body.documentation))
            }
        }
        records.sort { $0.key < $1.key }
        let cases = records.map { record in
            (name: SwiftNames.lowerCamel(record.name.replacingSuffix("Record", with: "")), type: record.name)
        }
        var out = SourceText()
        out.line(generatedMark)
        out.line()
        out.line("import KafkaWire")
        out.line()
        out.line("/// A record of the cluster metadata log.")
        out.block("public enum MetadataRecord: Equatable, Sendable") { out in
            for (record, name) in zip(records, cases) {
                out.documentation(record.documentation)
                out.line("case \(SwiftNames.escaped(name.name))(\(name.type))")
            }
        }
        out.line()
        out.block("extension MetadataRecord") { out in
            out.line("/// The record inside.")
            out.block("public var record: any MetadataLogRecord") { out in
                out.line("switch self {")
                for name in cases { out.line("case .\(name.name)(let record): record") }
                out.line("}")
            }
            out.line()
            out.line("/// Reads the body of a record whose frame named `type` and `version`.")
            out.line("init(type: Int16, version: Int16, from reader: inout WireReader) throws(WireError) {")
            out.indented { out in
                out.line("switch type {")
                for name in cases {
                    let value = "\(name.type)(from: &reader, version: version)"
                    out.line("case \(name.type).recordType:")
                    out.indented { $0.line("self = .\(name.name)(try \(value))") }
                }
                out.line("default: throw .unknownRecordType(Int(type))")
                out.line("}")
            }
            out.line("}")
            out.line()
            out.line("/// All types of record, by rising type number.")
            out.line("public static let recordTypes: [any MetadataLogRecord.Type] = [")
            out.indented { out in
                for name in cases { out.line("\(name.type).self,") }
            }
            out.line("]")
        }
        return out.text
    }

    func dataMessages() -> String {
        var out = SourceText()
        out.line(generatedMark)
        out.line()
        out.line("/// The messages that are neither request, response nor metadata record.")
        out.block("public enum DataMessages") { out in
            out.line("/// Headers, keys and values of the internal topics, control records, embedded protocols, files.")
            out.line("public static let types: [any KafkaMessage.Type] = [")
            out.indented { out in
                for message in schemas.flatMap(\.messages) where message.kind == .data || message.kind == .header {
                    out.line("\(message.body.name).self,")
                }
            }
            out.line("]")
        }
        return out.text
    }
}

extension String {
    func replacingSuffix(_ suffix: String, with replacement: String) -> String {
        hasSuffix(suffix) ? dropLast(suffix.count) + replacement : self
    }
}

/// Turns a set of schema files into Swift files. Pure: paths and texts in, paths and texts out.
package enum Generator {
    /// `inputs` are schema texts by path relative to the schema folder ("RPC/Fetch.schema"); the answer holds Swift texts
    /// by path relative to the output folder ("RPC/Fetch.swift"), the same for the same inputs.
    package static func generate(_ inputs: [String: String]) throws(SchemaError) -> [String: String] {
        var schemas: [Schema] = []
        for (path, text) in inputs.sorted(by: { $0.key < $1.key }) {
            schemas.append(try SchemaParser.parse(path: path, text: text).checked())
        }
        try Schema.checkTogether(schemas)
        var outputs: [String: String] = [:]
        for schema in schemas {
            outputs[schema.path.replacingSuffix(".schema", with: ".swift")] = emit(schema)
        }
        let tables = TableEmitter(schemas: schemas)
        outputs["RPC/APIKey.swift"] = tables.apiKeys()
        outputs["Log/MetadataRecord.swift"] = tables.metadataRecords()
        outputs["Log/DataMessages.swift"] = tables.dataMessages()
        return outputs
    }

    /// The Swift of one schema file.
    private static func emit(_ schema: Schema) -> String {
        var out = SourceText()
        out.line(generatedMark)
        out.line()
        out.line("public import KafkaWire")
        let types = schema.messages.flatMap { [$0.body] + $0.structures }.flatMap(\.fields).map(\.type)
        if types.contains(where: { $0 == .bytes }) { out.line("public import NIOCore") }
        for message in schema.messages {
            out.line()
            MessageEmitter(message: message).emit(into: &out)
        }
        return out.text
    }

    /// Compares committed files with what the schemas give; the answer names those that are missing, different or no
    /// longer generated, in order.
    package static func staleFiles(generated: [String: String], committed: [String: String]) -> [String] {
        Set(generated.keys).union(committed.keys).filter { generated[$0] != committed[$0] }.sorted()
    }
}

/// Turns a set of schema files into Swift files. Pure: paths and texts in, paths and texts out.
package enum Generator {
    /// Where the schemas and their Swift stand, from the package's folder.
    package static let schemaFolder = "Sources/GenerateMessages/Schemas"
    package static let outputFolder = "Sources/KafkaMessages/Generated"

    /// The schemas of all files, checked, by rising path.
    package static func parse(_ inputs: [String: String]) throws(SchemaError) -> [Schema] {
        var schemas: [Schema] = []
        for (path, text) in inputs.sorted(by: { $0.key < $1.key }) {
            schemas.append(try SchemaParser.parse(path: path, text: text).checked())
        }
        try Schema.checkTogether(schemas)
        return schemas
    }

    /// `inputs` are schema texts by path relative to the schema folder ("RPC/Fetch.schema"); the answer holds Swift texts
    /// by path relative to the output folder ("RPC/Fetch.swift"), the same for the same inputs.
    package static func generate(_ inputs: [String: String]) throws(SchemaError) -> [String: String] {
        let schemas = try parse(inputs)
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

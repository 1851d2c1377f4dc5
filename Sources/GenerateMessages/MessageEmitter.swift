/// Writes the Swift of one message with all its structures.
struct MessageEmitter {
    let message: Message

    func emit(into out: inout SourceText) {
        emit(message.body, isMessage: true, into: &out)
        if isInLogs { FieldListEmitter(message: message).emit(into: &out) }
    }

    /// Whether it stands in records, which tools print, rather than in requests.
    private var isInLogs: Bool {
        switch message.kind {
        case .record, .data: true
        case .request, .response, .header: false
        }
    }

    private var conformance: String {
        switch message.kind {
        case .request: "KafkaRequest"
        case .response: "KafkaResponse"
        case .record: "MetadataLogRecord"
        case .header, .data: "KafkaMessage"
        }
    }

    private func emit(_ structure: Structure, isMessage: Bool, into out: inout SourceText) {
        out.documentation(structure.documentation)
        out.block("public struct \(structure.name): \(isMessage ? conformance : "WireStruct")") { out in
            if isMessage { emitFacts(into: &out) }
            emitProperties(of: structure, into: &out)
            emitInitializers(of: structure, into: &out)
            StructureCodec(message: message, structure: structure).emit(isMessage: isMessage, into: &out)
            if isMessage {
                for inner in message.structures {
                    out.line()
                    emit(inner, isMessage: false, into: &out)
                }
            }
        }
    }

    private func emitFacts(into out: inout SourceText) {
        switch message.kind {
        case .request:
            out.line("public typealias Response = \(message.body.name.dropLast("Request".count))Response")
            out.line()
            out.line("public static var apiKey: APIKey { .\(apiCase) }")
        case .response:
            out.line("public static var apiKey: APIKey { .\(apiCase) }")
        case .record(let key):
            out.line("public static var recordType: Int16 { \(key) }")
        case .header, .data:
            break
        }
        out.line("public static var validVersions: ClosedRange<Int16> { \(swiftRange(message.versions)) }")
        let flexible = message.flexible.map(swiftRange) ?? "nil"
        out.line("public static var flexibleVersions: ClosedRange<Int16>? { \(flexible) }")
        out.line()
    }

    private var apiCase: String {
        let name = message.body.name
        return SwiftNames.lowerCamel(String(name.hasSuffix("Request") ? name.dropLast(7) : name.dropLast(8)))
    }

    private func swiftRange(_ range: VersionRange) -> String { "\(range.lowest)...\(range.highest)" }

    private func emitProperties(of structure: Structure, into out: inout SourceText) {
        for field in structure.fields {
            out.documentation(field.documentation)
            let value = SwiftNames.defaultValue(of: field)
            let initial = value == "nil" ? "" : " = \(value)"
            out.line("public var \(SwiftNames.escaped(field.name)): \(SwiftNames.type(of: field))\(initial)")
        }
        if structure.versions.intersection(message.flexible ?? VersionRange(-1, -1)) != nil {
            out.line("/// Tagged fields that are not known here; kept and written again.")
            out.line("public var unknownTaggedFields: [UnknownTaggedField] = []")
        }
        out.line()
    }

    private func emitInitializers(of structure: Structure, into out: inout SourceText) {
        out.line("public init() {}")
        out.line()
        guard !structure.fields.isEmpty else { return }
        out.line("public init(")
        out.indented { out in
            for (index, field) in structure.fields.enumerated() {
                let comma = index == structure.fields.count - 1 ? "" : ","
                let type = SwiftNames.type(of: field)
                let value = SwiftNames.defaultValue(of: field)
                out.line("\(SwiftNames.escaped(field.name)): \(type) = \(value)\(comma)")
            }
        }
        out.block(")") { out in
            for field in structure.fields {
                out.line("self.\(field.name) = \(SwiftNames.escaped(field.name))")
            }
        }
        out.line()
    }
}

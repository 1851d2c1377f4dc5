/// Writes how the records of logs list their fields by name, for tools that print them.
///
/// The rules are those of Kafka's JSON converters: a field is listed in the versions that have it, one in the tagged
/// section only when it does not hold its default.
struct FieldListEmitter {
    let message: Message

    func emit(into out: inout SourceText) {
        for structure in [message.body] + message.structures {
            let isMessage = structure.name == message.body.name
            let name = isMessage ? structure.name : "\(message.body.name).\(structure.name)"
            out.line()
            out.block("extension \(name): FieldValueConvertible") { out in
                out.block("package func fieldValue(version: Int16) -> FieldValue") { emit(structure, into: &$0) }
            }
        }
    }

    private func emit(_ structure: Structure, into out: inout SourceText) {
        guard !structure.fields.isEmpty else { return out.line(".structure([])") }
        out.line("var list = FieldList(version: version)")
        for field in structure.fields {
            let add = "list.add(\"\(field.name)\", \(SwiftNames.reference(field.name)))"
            var tests: [String] = []
            switch Condition(field.versions, within: structure.versions) {
            case .always: break
            case .test(let test): tests.append(test)
            case .never: continue
            }
            // Kafka takes a structure for not being its default even when it is null.
            let isStructure = if case .structure = field.type { true } else { false }
            if field.tag != nil, !isStructure { tests.append(SwiftNames.isNotDefault(field)) }
            if tests.isEmpty {
                out.line(add)
            } else {
                out.block("if \(tests.joined(separator: ", "))") { $0.line(add) }
            }
        }
        out.line("return .structure(list.members)")
    }
}

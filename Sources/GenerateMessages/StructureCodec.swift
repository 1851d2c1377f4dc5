/// Writes a structure's reading initializer and writing method.
struct StructureCodec {
    let message: Message
    let structure: Structure

    private var versions: VersionRange { structure.versions }
    private var flexible: Condition { Condition(message.flexible, within: versions) }
    private var plainFields: [Field] { structure.fields.filter { $0.tag == nil } }
    private var taggedFields: [Field] {
        structure.fields.filter { $0.tag != nil }.sorted { ($0.tag ?? 0) < ($1.tag ?? 0) }
    }

    func emit(isMessage: Bool, into out: inout SourceText) {
        out.block("public init(from reader: inout WireReader, version: Int16) throws(WireError)") { out in
            emitStart(isMessage: isMessage, into: &out)
            for fields in runs(of: plainFields, mergingAll: true) { emitRead(fields, into: &out) }
            emitReadTags(into: &out)
        }
        out.line()
        out.block("public func write(to writer: inout WireWriter, version: Int16) throws(WireError)") { out in
            emitStart(isMessage: isMessage, into: &out)
            for fields in runs(of: plainFields, mergingAll: false) { emitWrite(fields, into: &out) }
            emitWriteTags(into: &out)
        }
    }

    private func emitStart(isMessage: Bool, into out: inout SourceText) {
        if isMessage { out.line("try Self.check(version: version)") }
        guard case .test(let test) = flexible else { return }
        let isUsed = taggedFields.isEmpty || plainFields.contains { usesFlexible($0) }
        if isUsed { out.line("let flexible = \(test)") }
    }

    /// Neighbours that are there in the same versions share one test: all of them when reading; when writing those that
    /// no other version refuses.
    private func runs(of fields: [Field], mergingAll: Bool) -> [[Field]] {
        var runs: [[Field]] = []
        for field in fields {
            if let last = runs.last?[0], last.versions == field.versions,
                mergingAll || last.ignorable && field.ignorable
            {
                runs[runs.count - 1].append(field)
            } else {
                runs.append([field])
            }
        }
        return runs
    }

    private func usesFlexible(_ field: Field) -> Bool {
        switch field.type {
        case .string, .bytes, .records, .array: !field.plain && flexible(for: field) == "flexible"
        default: false
        }
    }

    /// The argument that says whether a field's length is compact.
    private func flexible(for field: Field) -> String {
        if field.plain { return "false" }
        switch Condition(message.flexible, within: field.versions) {
        case .always: return "true"
        case .never: return "false"
        case .test: return "flexible"
        }
    }

    // MARK: Reading

    private func emitRead(_ fields: [Field], into out: inout SourceText) {
        switch Condition(fields[0].versions, within: versions) {
        case .always: for field in fields { emitReadPresent(field, into: &out) }
        case .test(let test):
            out.block("if \(test)") { out in for field in fields { emitReadPresent(field, into: &out) } }
        case .never: break
        }
    }

    private func emitReadPresent(_ field: Field, into out: inout SourceText) {
        let name = SwiftNames.reference(field.name)
        let compact = flexible(for: field)
        let plain = "\(name) = \(readExpression(field.type, nullable: false, flexible: compact, reader: "reader"))"
        let nullable = "\(name) = \(readExpression(field.type, nullable: true, flexible: compact, reader: "reader"))"
        switch Condition(field.nullable, within: field.versions) {
        case .never where field.lenient: out.line("\(nullable) ?? \(field.type == .string ? "\"\"" : "ByteBuffer()")")
        case .test where field.lenient: out.line(nullable)
        case .always: out.line(nullable)
        case .never: out.line(plain)
        case .test(let test): out.block("if \(test)", { $0.line(nullable) }, else: nil, { $0.line(plain) })
        }
    }

    private func readExpression(_ type: FieldType, nullable: Bool, flexible: String, reader: String) -> String {
        let prefix = nullable ? "Nullable" : ""
        switch type {
        case .bool: return "try \(reader).readBool()"
        case .int8, .int16, .int32, .int64: return "try \(reader).read\(SwiftNames.type(type))()"
        case .uint16: return "try \(reader).readUInt16()"
        case .uint32: return "try \(reader).readUInt32()"
        case .float64: return "try \(reader).readFloat64()"
        case .error: return "try \(reader).readErrorCode()"
        case .uuid: return "try \(reader).readUUID()"
        case .string: return "try \(reader).read\(prefix)String(flexible: \(flexible))"
        case .bytes: return "try \(reader).read\(prefix)Bytes(flexible: \(flexible))"
        case .records: return "try \(reader).read\(prefix)Records(flexible: \(flexible))"
        case .structure(let name):
            if nullable { return "try \(reader).readNullableStruct(version: version)" }
            return "try \(name)(from: &\(reader), version: version)"
        case .array(let element):
            switch element {
            case .string: return "try \(reader).read\(prefix)Strings(flexible: \(flexible))"
            case .uuid: return "try \(reader).read\(prefix)UUIDs(flexible: \(flexible))"
            case .structure: return "try \(reader).read\(prefix)Array(version: version, flexible: \(flexible))"
            default: return "try \(reader).read\(prefix)\(SwiftNames.type(element))s(flexible: \(flexible))"
            }
        }
    }

    private func emitReadTags(into out: inout SourceText) {
        guard flexible != .never else { return }
        guard !taggedFields.isEmpty else {
            let argument = flexible == .always ? "true" : "flexible"
            out.line("unknownTaggedFields = try reader.readTaggedFields(flexible: \(argument))")
            return
        }
        guard case .test(let test) = flexible else { return emitReadKnownTags(into: &out) }
        out.block("if \(test)") { emitReadKnownTags(into: &$0) }
    }

    private func emitReadKnownTags(into out: inout SourceText) {
        out.line("unknownTaggedFields = try reader.readTaggedFields { (tag, field) throws(WireError) in")
        out.indented { out in
            out.line("switch tag {")
            for field in taggedFields {
                let name = SwiftNames.reference(field.name)
                let possible = message.flexible?.intersection(versions) ?? versions
                let condition = Condition(field.versions, within: possible)
                let guarded = if case .test(let test) = condition { " where \(test)" } else { "" }
                out.line("case \(field.tag ?? 0)\(guarded): \(name) = \(tagReadExpression(field))")
            }
            out.line("default: return false")
            out.line("}")
            out.line("return true")
        }
        out.line("}")
    }

    private func tagReadExpression(_ field: Field) -> String {
        if case .structure = field.type, field.nullable != nil {
            return "try field.readNullableTaggedStruct(version: version)"
        }
        return readExpression(field.type, nullable: field.nullable != nil, flexible: "true", reader: "field")
    }

    // MARK: Writing

    private func emitWrite(_ fields: [Field], into out: inout SourceText) {
        switch Condition(fields[0].versions, within: versions) {
        case .always: for field in fields { emitWritePresent(field, into: &out) }
        case .never: break
        case .test(let test):
            if fields[0].ignorable {
                out.block("if \(test)") { out in for field in fields { emitWritePresent(field, into: &out) } }
            } else {
                out.block(
                    "if \(test)",
                    { emitWritePresent(fields[0], into: &$0) },
                    else: SwiftNames.isNotDefault(fields[0]),
                    { emitRefusal(fields[0], into: &$0) }
                )
            }
        }
    }

    private func emitRefusal(_ field: Field, into out: inout SourceText) {
        out.line("throw .unsupportedField(\"\(structure.name).\(field.name)\", version: version)")
    }

    private func emitWritePresent(_ field: Field, into out: inout SourceText) {
        let name = SwiftNames.reference(field.name)
        let compact = flexible(for: field)
        let nullable = writeStatement(field.type, name, nullable: true, flexible: compact, writer: "writer")
        switch Condition(field.nullable, within: field.versions) {
        case .always: out.line(nullable)
        case .never: out.line(writeStatement(field.type, name, nullable: false, flexible: compact, writer: "writer"))
        case .test(let test):
            let value = "value"
            let plain = writeStatement(field.type, value, nullable: false, flexible: compact, writer: "writer")
            out.block(
                "if \(test)",
                { $0.line(nullable) },
                else: nil,
                { out in
                    let label = "\"\(structure.name).\(field.name)\""
                    out.line("let value = try WireWriter.notNull(\(name), \(label), version: version)")
                    out.line(plain)
                }
            )
        }
    }

    private func writeStatement(
        _ type: FieldType,
        _ value: String,
        nullable: Bool,
        flexible: String,
        writer: String
    ) -> String {
        let prefix = nullable ? "Nullable" : ""
        switch type {
        case .bool: return "\(writer).writeBool(\(value))"
        case .int8, .int16, .int32, .int64: return "\(writer).write\(SwiftNames.type(type))(\(value))"
        case .uint16: return "\(writer).writeUInt16(\(value))"
        case .uint32: return "\(writer).writeUInt32(\(value))"
        case .float64: return "\(writer).writeFloat64(\(value))"
        case .error: return "\(writer).writeErrorCode(\(value))"
        case .uuid: return "\(writer).writeUUID(\(value))"
        case .string: return "try \(writer).write\(prefix)String(\(value), flexible: \(flexible))"
        case .bytes: return "try \(writer).write\(prefix)Bytes(\(value), flexible: \(flexible))"
        case .records: return "try \(writer).write\(prefix)Records(\(value), flexible: \(flexible))"
        case .structure:
            if nullable { return "try \(writer).writeNullableStruct(\(value), version: version)" }
            return "try \(value).write(to: &\(writer), version: version)"
        case .array(let element):
            switch element {
            case .string: return "try \(writer).writeStrings(\(value), flexible: \(flexible))"
            case .uuid: return "try \(writer).writeUUIDs(\(value), flexible: \(flexible))"
            case .structure: return "try \(writer).writeArray(\(value), version: version, flexible: \(flexible))"
            default: return "try \(writer).write\(SwiftNames.type(element))s(\(value), flexible: \(flexible))"
            }
        }
    }

    private func emitWriteTags(into out: inout SourceText) {
        guard flexible != .never else { return }
        guard !taggedFields.isEmpty else {
            let argument = flexible == .always ? "true" : "flexible"
            out.line("try writer.writeTaggedFields(unknownTaggedFields, flexible: \(argument))")
            return
        }
        for field in taggedFields where !field.ignorable {
            guard case .test(let test) = Condition.outside(field.versions, within: versions) else { continue }
            let isNotDefault = SwiftNames.isNotDefault(field)
            let both = test.contains("||") ? "(\(test)) && \(isNotDefault)" : "\(test) && \(isNotDefault)"
            out.block("if \(both)") { emitRefusal(field, into: &$0) }
        }
        guard case .test(let test) = flexible else { return emitWriteKnownTags(into: &out) }
        out.block(
            "if \(test)",
            { emitWriteKnownTags(into: &$0) },
            else: nil,
            { $0.line("try writer.writeTaggedFields(unknownTaggedFields, flexible: false)") }
        )
    }

    private func emitWriteKnownTags(into out: inout SourceText) {
        let possible = message.flexible?.intersection(versions) ?? versions
        out.line("var tagged = TaggedFieldList(unknownTaggedFields)")
        for field in taggedFields {
            var test = SwiftNames.isNotDefault(field)
            if case .test(let present) = Condition(field.versions, within: possible) { test = "\(present) && \(test)" }
            out.block("if \(test)") { out in
                out.line("try tagged.add(\(field.tag ?? 0)) { (field) throws(WireError) in")
                out.indented { $0.line(tagWriteStatement(field)) }
                out.line("}")
            }
        }
        out.line("try writer.writeTaggedFields(tagged)")
    }

    private func tagWriteStatement(_ field: Field) -> String {
        let name = SwiftNames.reference(field.name)
        if case .structure = field.type, field.nullable != nil {
            return "try field.writeNullableTaggedStruct(\(name), version: version)"
        }
        return writeStatement(field.type, name, nullable: field.nullable != nil, flexible: "true", writer: "field")
    }
}

extension Schema {
    /// Checks the rules that a parser of lines cannot see, and cuts all version ranges to those of their message, so
    /// that the emitter meets only closed ranges.
    package func checked() throws(SchemaError) -> Schema {
        var result = self
        if let api {
            let kinds = messages.map(\.kind)
            guard kinds == [.request(key: api.key), .response(key: api.key)] else {
                throw SchemaError(path: path, line: 1, message: "an api has one request and then one response")
            }
        }
        for index in result.messages.indices {
            var check = MessageCheck(path: path, message: result.messages[index])
            try check.run()
            result.messages[index] = check.message
        }
        return result
    }

    /// Checks that names and keys are unique among all files.
    package static func checkTogether(_ schemas: [Schema]) throws(SchemaError) {
        var names: Set<String> = []
        var keys: Set<String> = []
        var files: Set<Substring> = []
        for schema in schemas {
            guard let file = schema.path.split(separator: "/").last, files.insert(file).inserted else {
                throw SchemaError(path: schema.path, line: 1, message: "another folder has a file of this name")
            }
            if let api = schema.api, !keys.insert("api \(api.key)").inserted {
                throw SchemaError(path: schema.path, line: 1, message: "api key \(api.key) is taken")
            }
            for message in schema.messages {
                guard names.insert(message.body.name).inserted else {
                    throw SchemaError(
                        path: schema.path,
                        line: message.line,
                        message: "\(message.body.name) is described twice"
                    )
                }
                if case .record(let key) = message.kind, !keys.insert("record \(key)").inserted {
                    throw SchemaError(path: schema.path, line: message.line, message: "record key \(key) is taken")
                }
            }
        }
    }
}

/// Checks one message.
private struct MessageCheck {
    let path: String
    var message: Message
    private var inUse: [String] = []

    init(path: String, message: Message) {
        self.path = path
        self.message = message
    }

    mutating func run() throws(SchemaError) {
        guard message.versions.highest < VersionRange.open else {
            throw error(message.line, "the versions of a message must have an end")
        }
        if let flexible = message.flexible {
            guard let cut = flexible.intersection(message.versions), cut.highest == message.versions.highest else {
                throw error(message.line, "flexible versions must reach to the last version")
            }
            message.flexible = cut
        }
        if message.body.documentation.isEmpty {
            throw error(message.line, "\(message.body.name) has no sentence that says what it is for")
        }
        var names: Set<String> = [message.body.name]
        for structure in message.structures where !names.insert(structure.name).inserted {
            throw error(structure.line, "the structure \(structure.name) is defined twice")
        }
        // First all uses, so that a shared structure has its whole range when its own fields are cut.
        var uses: [String: VersionRange] = [:]
        try collectUses(of: message.body, in: message.versions, into: &uses)
        message.body = try cut(message.body, to: message.versions)
        for index in message.structures.indices {
            let structure = message.structures[index]
            guard let versions = uses[structure.name] else {
                throw error(structure.line, "no field uses the structure \(structure.name)")
            }
            message.structures[index] = try cut(structure, to: versions)
        }
    }

    private func error(_ line: Int, _ text: String) -> SchemaError {
        SchemaError(path: path, line: line, message: text)
    }

    private mutating func collectUses(
        of structure: Structure,
        in versions: VersionRange,
        into uses: inout [String: VersionRange]
    ) throws(SchemaError) {
        guard !inUse.contains(structure.name) else {
            throw error(structure.line, "the structure \(structure.name) holds itself")
        }
        inUse.append(structure.name)
        defer { inUse.removeLast() }
        for field in structure.fields {
            guard let name = field.type.structureName, let range = field.versions.intersection(versions) else {
                continue
            }
            guard let inner = message.structures.first(where: { $0.name == name }) else {
                throw error(field.line, "the structure \(name) is not defined")
            }
            uses[name] = range.hull(uses[name])
            try collectUses(of: inner, in: range, into: &uses)
        }
    }

    /// The structure with all ranges cut to `versions`.
    private func cut(_ structure: Structure, to versions: VersionRange) throws(SchemaError) -> Structure {
        var structure = structure
        structure.versions = versions
        var names: Set<String> = ["unknownTaggedFields"]
        var tags: Set<Int> = []
        for index in structure.fields.indices {
            var field = structure.fields[index]
            guard names.insert(field.name).inserted else { throw error(field.line, "\(field.name) is there twice") }
            guard let range = field.versions.intersection(versions) else {
                throw error(field.line, "\(field.name) is in no version of \(structure.name)")
            }
            guard field.versions.highest == VersionRange.open || field.versions.highest <= message.versions.highest
            else {
                throw error(field.line, "\(field.name) names versions that the message does not have")
            }
            field.versions = range
            if let nullable = field.nullable {
                guard field.type.canBeNull else {
                    throw error(field.line, "\(field.name) is of a type that is never null")
                }
                guard let cut = nullable.intersection(range) else {
                    throw error(field.line, "\(field.name) is null in no version that has it")
                }
                field.nullable = cut
            }
            if let tag = field.tag {
                guard let flexible = message.flexible, flexible.contains(range) else {
                    throw error(field.line, "\(field.name) has a tag in versions that are not flexible")
                }
                guard tags.insert(tag).inserted else { throw error(field.line, "tag \(tag) is taken") }
            }
            let mayBeLenient = (field.type == .bytes || field.type == .string) && field.nullable != range
            guard !field.lenient || mayBeLenient && field.tag == nil else {
                throw error(field.line, "\(field.name) cannot be lenient: only bytes and text that may not be null can")
            }
            try checkDefault(of: field)
            structure.fields[index] = field
        }
        return structure
    }

    private func checkDefault(of field: Field) throws(SchemaError) {
        if case .array(let element) = field.type, !element.canBeElement {
            throw error(field.line, "\(field.name) is an array of a type that stands in no array")
        }
        let fits: Bool
        switch (field.defaultValue, field.type) {
        case (nil, _): fits = true
        case (.null, _): fits = field.nullable != nil
        case (.bool, let type): fits = type == .bool
        case (.string, let type): fits = type == .string
        case (.integer(let value), .int8): fits = Int8(exactly: value) != nil
        case (.integer(let value), .int16): fits = Int16(exactly: value) != nil
        case (.integer(let value), .int32): fits = Int32(exactly: value) != nil
        case (.integer(let value), .uint16): fits = UInt16(exactly: value) != nil
        case (.integer(let value), .uint32): fits = UInt32(exactly: value) != nil
        case (.integer, let type): fits = type == .int64
        }
        guard fits else { throw error(field.line, "the default of \(field.name) does not suit its type") }
    }
}

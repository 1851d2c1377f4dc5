/// Reads a schema file. `Schemas/README.md` describes the notation.
package struct SchemaParser {
    private let path: String
    private var lines: [(number: Int, text: Substring)]
    private var position = 0
    private var documentation: [String] = []
    private var api: API?
    private var apiVersions = VersionRange.all
    private var apiFlexible: VersionRange?
    private var messages: [Message] = []

    private init(path: String, text: String) {
        self.path = path
        lines = text.split(separator: "\n", omittingEmptySubsequences: false).enumerated().map { ($0 + 1, $1) }
    }

    /// `path` is only used in errors.
    package static func parse(path: String, text: String) throws(SchemaError) -> Schema {
        var parser = SchemaParser(path: path, text: text)
        while var line = try parser.nextLine() {
            try parser.parseDeclaration(&line)
        }
        return Schema(path: path, api: parser.api, messages: parser.messages)
    }

    // MARK: Lines

    private func error(_ line: Int, _ message: String) -> SchemaError {
        SchemaError(path: path, line: line, message: message)
    }

    /// The next line that says something. Documentation before it is gathered, notes are dropped.
    private mutating func nextLine() throws(SchemaError) -> TokenLine? {
        while position < lines.count {
            let (number, text) = lines[position]
            position += 1
            let trimmed = text.drop { $0 == " " || $0 == "\t" || $0 == "\r" }
            if trimmed.hasPrefix("///") {
                documentation.append(String(trimmed.dropFirst(3).drop { $0 == " " }))
            } else if !trimmed.isEmpty, !trimmed.hasPrefix("//") {
                return try TokenLine(path: path, number: number, text: trimmed)
            }
        }
        return nil
    }

    private mutating func takeDocumentation() -> [String] {
        defer { documentation = [] }
        return documentation
    }

    // MARK: Declarations

    private mutating func parseDeclaration(_ line: inout TokenLine) throws(SchemaError) {
        let keyword = try line.word("a declaration")
        switch keyword {
        case "api":
            guard api == nil else { throw line.error("a file describes one api") }
            let name = try line.word("the name of the api")
            let key = try line.number(after: "key")
            var listeners: [String] = []
            if line.skip("on") {
                repeat { listeners.append(try line.word("a listener")) } while line.skip(",")
            }
            api = API(name: name, key: key, listeners: listeners, documentation: takeDocumentation())
            (apiVersions, apiFlexible) = try parseVersions(&line)
            try line.end()
        case "request", "response":
            guard let api else { throw line.error("\(keyword) stands before the api line") }
            let isRequest = keyword == "request"
            try parseMessage(
                &line,
                kind: isRequest ? .request(key: api.key) : .response(key: api.key),
                name: api.name + (isRequest ? "Request" : "Response"),
                documentation: api.documentation
            )
        case "header", "data":
            let name = try line.word("a name")
            (apiVersions, apiFlexible) = try parseVersions(&line)
            try parseMessage(&line, kind: keyword == "header" ? .header : .data, name: name)
        case "record":
            let name = try line.word("a name")
            let key = try line.number(after: "key")
            (apiVersions, apiFlexible) = try parseVersions(&line)
            try parseMessage(&line, kind: .record(key: key), name: name)
        default:
            throw line.error("\(keyword) is no declaration; one of api, request, response, header, data, record is")
        }
    }

    private mutating func parseVersions(
        _ line: inout TokenLine
    ) throws(SchemaError) -> (VersionRange, VersionRange?) {
        guard line.skip("versions") else { throw line.error("versions are missing") }
        guard let versions = try line.versions() else { throw line.error("a version range must follow versions") }
        guard line.skip("flexible") else { return (versions, nil) }
        guard let flexible = try line.versions() else { throw line.error("a version range must follow flexible") }
        return (versions, flexible)
    }

    private mutating func parseMessage(
        _ line: inout TokenLine,
        kind: Message.Kind,
        name: String,
        documentation shared: [String] = []
    ) throws(SchemaError) {
        let own = takeDocumentation()
        var message = Message(
            kind: kind,
            versions: apiVersions,
            flexible: apiFlexible,
            body: Structure(name: name, documentation: own.isEmpty ? shared : own, line: line.number),
            line: line.number
        )
        try line.open()
        message.body.fields = try parseFields(into: &message, openedAt: line.number)
        messages.append(message)
    }

    /// Reads fields up to the closing brace; structures that are defined on the way go to the message.
    private mutating func parseFields(
        into message: inout Message,
        openedAt opening: Int
    ) throws(SchemaError) -> [Field] {
        var fields: [Field] = []
        while var line = try nextLine() {
            if line.skip("}") {
                try line.end()
                return fields
            }
            let name = try line.word("a field")
            if name == "struct", !line.isNext(":") {
                let structure = try line.word("the name of the structure")
                try parseStructure(named: structure, &line, into: &message)
            } else {
                fields.append(try parseField(name: name, &line, into: &message))
            }
        }
        throw error(opening, "the brace opened here is never closed")
    }

    private mutating func parseStructure(
        named name: String,
        _ line: inout TokenLine,
        into message: inout Message
    ) throws(SchemaError) {
        let index = message.structures.count
        message.structures.append(Structure(name: name, documentation: takeDocumentation(), line: line.number))
        try line.open()
        message.structures[index].fields = try parseFields(into: &message, openedAt: line.number)
    }

    private mutating func parseField(
        name: String,
        _ line: inout TokenLine,
        into message: inout Message
    ) throws(SchemaError) -> Field {
        guard line.skip(":") else { throw line.error("a colon must follow the field's name") }
        let type = try line.type()
        var field = Field(name: name, type: type, versions: .all, line: line.number)
        if line.skip("?") { field.nullable = .all }
        if let versions = try line.versions() { field.versions = versions }
        if line.skip("null") {
            guard field.nullable == nil, let versions = try line.versions() else {
                throw line.error("null takes the versions in which the field may be null, and no ? before")
            }
            field.nullable = versions
        }
        if line.isNext("tag") { field.tag = try line.number(after: "tag") }
        if line.skip("=") { field.defaultValue = try line.defaultValue() }
        field.ignorable = line.skip("ignorable")
        field.plain = line.skip("plain")
        field.lenient = line.skip("lenient")
        if line.isNext("{") {
            guard let structure = type.structureName else {
                throw line.error("only a structure or an array of structures has fields")
            }
            // The field's documentation stays with the field.
            field.documentation = takeDocumentation()
            try parseStructure(named: structure, &line, into: &message)
        } else {
            field.documentation = takeDocumentation()
            try line.end()
        }
        return field
    }
}

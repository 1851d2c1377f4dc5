/// Which members a JSON value has, whatever their values: what man pages promise and outputs are held to.
///
/// Lists of plain values count as plain values, since a list can be empty and a value null.
indirect enum JSONShape: Equatable, CustomStringConvertible {
    case plain
    /// Members that differ from one object to the next.
    case any
    case object([String: JSONShape])
    case list(JSONShape)

    var description: String {
        switch self {
        case .plain: "·"
        case .any: "{…}"
        case .object(let members):
            "{" + members.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(separator: ", ") + "}"
        case .list(let item): "[\(item)]"
        }
    }

    /// The shape of parsed JSON.
    init(of value: Any) {
        switch value {
        case let members as [String: Any]: self = .object(members.mapValues { JSONShape(of: $0) })
        case let items as [Any]:
            if let first = items.first, case .object(let members) = JSONShape(of: first) {
                // All items together: a list in one of them may be empty.
                self = .list(items.dropFirst().reduce(.object(members)) { $0.merged(JSONShape(of: $1)) })
            } else {
                self = .plain
            }
        default: self = .plain
        }
    }

    private func merged(_ other: JSONShape) -> JSONShape {
        switch (self, other) {
        case (.object(let one), .object(let two)): .object(one.merging(two) { $0.merged($1) })
        case (.list(let one), .list(let two)): .list(one.merged(two))
        case (.plain, _): other
        default: self
        }
    }

    /// Whether an output has what is promised: no member more or less. An empty list or null may stand for any list or
    /// object.
    func allows(_ output: JSONShape) -> Bool {
        switch (self, output) {
        case (_, .plain), (.any, _): true
        case (.list(let item), .list(let other)): item.allows(other)
        case (.object(let members), .object(let others)):
            Set(members.keys) == Set(others.keys)
                && members.allSatisfy { name, shape in others[name].map { shape.allows($0) } ?? false }
        default: false
        }
    }

    /// Reads `[{topic, partitions: [{partition, leader}], configs: {…}}]`; what follows the shape does not matter.
    init?(parsing text: String) {
        var rest = text[...]
        guard let shape = Self.parse(&rest) else { return nil }
        self = shape
    }

    private static func parse(_ rest: inout Substring) -> JSONShape? {
        while rest.first == " " { rest.removeFirst() }
        if rest.hasPrefix("{…}") {
            rest.removeFirst(3)
            return .any
        }
        if rest.first == "[" {
            rest.removeFirst()
            guard let item = parse(&rest), rest.first == "]" else { return nil }
            rest.removeFirst()
            return .list(item)
        }
        guard rest.first == "{" else { return .plain }
        rest.removeFirst()
        var members: [String: JSONShape] = [:]
        while true {
            while rest.first == " " { rest.removeFirst() }
            let name = String(rest.prefix { !":,}".contains($0) })
            rest.removeFirst(name.count)
            guard !name.isEmpty, let next = rest.first else { return nil }
            members[name] = .plain
            if next == ":" {
                rest.removeFirst()
                members[name] = parse(&rest)
            }
            guard let end = rest.first, end == "," || end == "}" else { return nil }
            rest.removeFirst()
            if end == "}" { return .object(members) }
        }
    }
}

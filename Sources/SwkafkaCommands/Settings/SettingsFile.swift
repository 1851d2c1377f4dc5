/// A settings file as somebody wrote it: `key=value` lines, the first ones for everything, those below `[name]` for the
/// profile of that name. Comments and order stay when a value is changed.
struct SettingsFile: Equatable, Sendable {
    private(set) var lines: [Line] = []

    enum Line: Equatable, Sendable {
        case section(String)
        case setting(key: String, value: String)
        /// A comment or an empty line, as it is.
        case other(String)
    }

    init() {}

    /// - Throws: where and why a line is neither setting, section nor comment.
    init(parsing text: String, path: String) throws(CommandFailure) {
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let trimmed = KeyValueOptions.trimmed(line)
            if trimmed.isEmpty || trimmed.hasPrefix("#") || trimmed.hasPrefix(";") {
                lines.append(.other(String(line)))
            } else if trimmed.hasPrefix("["), trimmed.hasSuffix("]"), trimmed.count > 2 {
                lines.append(.section(KeyValueOptions.trimmed(trimmed.dropFirst().dropLast())))
            } else if let equals = trimmed.firstIndex(of: "="), equals > trimmed.startIndex {
                lines.append(
                    .setting(
                        key: KeyValueOptions.trimmed(trimmed[..<equals]),
                        value: KeyValueOptions.trimmed(trimmed[trimmed.index(after: equals)...])
                    )
                )
            } else {
                throw CommandFailure(
                    "\(path), line \(index + 1): '\(trimmed)' is no setting: write key=value, [profile] or # comment."
                )
            }
        }
        if case .other("")? = lines.last { lines.removeLast() }
    }

    var text: String {
        lines.map { line in
            switch line {
            case .section(let name): "[\(name)]\n"
            case .setting(let key, let value): "\(key)=\(value)\n"
            case .other(let text): text + "\n"
            }
        }.joined()
    }

    /// The profiles, in the order of the file.
    var sections: [String] {
        var names: [String] = []
        for case .section(let name) in lines where !names.contains(name) { names.append(name) }
        return names
    }

    /// The settings of a profile, or those for everything; a later one wins.
    func values(of section: String?) -> [String: String] {
        var values: [String: String] = [:]
        for (line, owner) in owners {
            if case .setting(let key, let value) = line, owner == section { values[key] = value }
        }
        return values
    }

    private var owners: [(line: Line, section: String?)] {
        var section: String?
        return lines.map { line in
            if case .section(let name) = line { section = name }
            return (line, section)
        }
    }

    /// Changes a setting where it stands, or adds it at the end of its section, which is made if there is none.
    mutating func set(_ key: String, _ value: String, in section: String?) {
        remove(key, in: section, exceptFirst: true)
        let owners = owners
        if let index = owners.firstIndex(where: { Self.isSetting($0.line, key) && $0.section == section }) {
            lines[index] = .setting(key: key, value: value)
            return
        }
        guard let last = owners.lastIndex(where: { $0.section == section && !Self.isBlank($0.line) }) else {
            guard let section else {
                lines.insert(.setting(key: key, value: value), at: 0)
                if lines.count > 1 { lines.insert(.other(""), at: 1) }
                return
            }
            if !lines.isEmpty { lines.append(.other("")) }
            lines += [.section(section), .setting(key: key, value: value)]
            return
        }
        lines.insert(.setting(key: key, value: value), at: last + 1)
    }

    /// Removes a setting. - Returns: whether it was there.
    @discardableResult
    mutating func remove(_ key: String, in section: String?, exceptFirst: Bool = false) -> Bool {
        var isThere = false
        lines = owners.filter { entry in
            guard Self.isSetting(entry.line, key), entry.section == section else { return true }
            defer { isThere = true }
            return exceptFirst && !isThere
        }.map(\.line)
        return isThere
    }

    /// Removes a profile with all its lines. - Returns: whether it was there.
    mutating func removeSection(_ name: String) -> Bool {
        let before = lines.count
        lines = owners.filter { $0.section != name }.map(\.line)
        return lines.count < before
    }

    private static func isSetting(_ line: Line, _ key: String) -> Bool {
        if case .setting(key, _) = line { true } else { false }
    }

    private static func isBlank(_ line: Line) -> Bool {
        if case .other(let text) = line { KeyValueOptions.trimmed(text).isEmpty } else { false }
    }
}

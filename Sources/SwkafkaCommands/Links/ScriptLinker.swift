import Glibc

/// Makes symbolic links to the running executable in one directory.
struct ScriptLinker {
    let directory: String
    /// Whether what already bears a link's name is replaced; a directory never is.
    let replacesOthers: Bool
    private let target: String

    /// - Throws: when the directory is none, or the executable cannot be found.
    init(directory: String, replacesOthers: Bool) throws(CommandFailure) {
        self.replacesOthers = replacesOthers
        guard let resolved = Self.resolve(directory) else {
            throw CommandFailure(
                "Cannot make links in \(directory): \(systemMessage(errno)).",
                hint: "Give a directory that exists."
            )
        }
        self.directory = resolved
        guard let executable = Self.resolve("/proc/self/exe") else {
            throw CommandFailure("Cannot find out where this executable is: \(systemMessage(errno)).")
        }
        // Beside the executable a link without a path stays right when the directory moves.
        let slash = executable.lastIndex(of: "/") ?? executable.startIndex
        target = executable[..<slash] == resolved ? String(executable[slash...].dropFirst()) : executable
    }

    func path(of name: String) -> String { directory == "/" ? "/\(name)" : "\(directory)/\(name)" }

    /// Makes one link. Returns false when it is there already.
    func link(_ name: String) throws(CommandFailure) -> Bool {
        let path = path(of: name)
        if symlink(target, path) == 0 { return true }
        guard errno == EEXIST else { throw failure(path) }
        if Self.resolve(path) == Self.resolve("/proc/self/exe") { return false }
        guard replacesOthers else {
            throw CommandFailure(
                "\(path) exists and is not a link to this executable.",
                hint: "Remove it, or replace it with 'swkafka links --force'."
            )
        }
        guard unlink(path) == 0, symlink(target, path) == 0 else { throw failure(path) }
        return true
    }

    private func failure(_ path: String) -> CommandFailure {
        CommandFailure("Cannot make the link \(path): \(systemMessage(errno)).")
    }

    /// The path without links in it; nil, with `errno` set, when it leads nowhere.
    private static func resolve(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }
}

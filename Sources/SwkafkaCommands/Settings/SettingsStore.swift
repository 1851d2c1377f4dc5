import Glibc

/// Where settings files lie, and how they are read and written.
struct SettingsStore {
    let environment: [String: String]
    /// Where the search for a project's file begins; nil for no search.
    let directory: String?

    init(_ context: CommandContext) {
        environment = context.environment
        directory = context.directory
    }

    static let projectFileName = ".swkafka"

    /// The user's own file; nil when there is no home.
    var userPath: String? {
        if let path = environment["SWKAFKA_CONFIG"], !path.isEmpty { return path }
        if let folder = environment["XDG_CONFIG_HOME"], folder.hasPrefix("/") { return folder + "/swkafka/config" }
        guard let home = environment["HOME"], home.hasPrefix("/") else { return nil }
        return home + "/.config/swkafka/config"
    }

    /// The nearest project file upwards, as far as the home directory or the root.
    ///
    /// A file of somebody else does not count: in a folder like /tmp anybody can leave one.
    private var projectPath: String? {
        guard var folder = directory, folder.hasPrefix("/") else { return nil }
        while true {
            let path = (folder == "/" ? "" : folder) + "/" + Self.projectFileName
            var facts = stat()
            if stat(path, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG, [getuid(), 0].contains(facts.st_uid),
                access(path, R_OK) == 0
            {
                return path
            }
            guard folder != "/", folder != environment["HOME"], let slash = folder.lastIndex(of: "/") else {
                return nil
            }
            folder = slash == folder.startIndex ? "/" : String(folder[..<slash])
        }
    }

    func settings(profile: String?) throws(CommandFailure) -> UserSettings {
        var sources = UserSettings.Sources()
        sources.askedFor = profile
        sources.environment = environment
        if let path = userPath, let file = try read(path) {
            sources.userPath = path
            sources.user = file
            try Self.checkSecrets(file, path)
        } else {
            sources.userPath = userPath ?? ""
        }
        if let path = projectPath {
            sources.projectPath = path
            sources.project = try read(path)
        }
        return try UserSettings(sources)
    }

    /// nil when there is no such file.
    func read(_ path: String) throws(CommandFailure) -> SettingsFile? {
        guard access(path, F_OK) == 0 else { return nil }
        let bytes = try FileReading.bytes(of: path, purpose: "settings file")
        return try SettingsFile(parsing: String(decoding: bytes, as: UTF8.self), path: path)
    }

    /// The user's file, empty when there is none yet.
    func userFile() throws(CommandFailure) -> (path: String, file: SettingsFile) {
        guard let path = userPath else {
            throw CommandFailure("There is no place for settings: neither XDG_CONFIG_HOME nor HOME is set.")
        }
        return (path, try read(path) ?? SettingsFile())
    }

    /// Writes the user's file, for nobody else to read.
    func write(_ file: SettingsFile, to path: String) throws(CommandFailure) {
        if let slash = path.lastIndex(of: "/"), slash > path.startIndex {
            try FileWriting.makeDirectory(String(path[..<slash]), purpose: "settings file")
        }
        try FileWriting.replace(path, with: file.text, purpose: "settings file", mode: 0o600)
    }

    /// A password in a file that others may read is no secret.
    private static func checkSecrets(_ file: SettingsFile, _ path: String) throws(CommandFailure) {
        let holdsSecret = file.lines.contains { line in
            if case .setting(let key, _) = line { SettingsKeys.isSecret(key) } else { false }
        }
        guard holdsSecret else { return }
        var facts = stat()
        guard stat(path, &facts) == 0, facts.st_mode & 0o077 != 0 else { return }
        throw CommandFailure(
            "\(path) holds a password and others may read it: it is not used.",
            hint: "chmod 600 \(path), or keep the password elsewhere (password.command, password.file)."
        )
    }
}

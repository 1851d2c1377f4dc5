import Glibc
import KafkaClient

/// What clusters had when they were last looked at, in files under the user's cache directory.
///
/// The process that completes never talks to a cluster itself: it starts another that does, and waits a little for its
/// file. So a slow cluster costs that little and no more, and is known at the next press of the key.
struct CompletionCache {
    /// A younger picture is good enough.
    private static let freshMs: Int64 = 5_000
    /// An older one is better than none.
    private static let pauseMicroseconds: UInt32 = 2_000

    private let context: CommandContext
    private let folder: String?

    init(_ context: CommandContext) {
        self.context = context
        if let cache = context.environment["XDG_CACHE_HOME"], cache.hasPrefix("/") {
            folder = cache + "/swkafka"
        } else if let home = context.environment["HOME"], home.hasPrefix("/") {
            folder = home + "/.cache/swkafka"
        } else {
            folder = nil
        }
    }

    /// What the cluster has that a command line is about.
    /// - Parameter deadline: ms since 1970; then what is known has to do.
    func snapshot(for words: [String], untilMs deadline: Int64) -> ClusterSnapshot {
        let place = ClusterPlace(words)
        guard let folder, let path = path(place, folder) else { return ClusterSnapshot() }
        let before = modified(path)
        if let before, context.nowMs() - before < Self.freshMs { return read(path) }
        refresh(place, path)
        while context.nowMs() < deadline {
            if let now = modified(path), now != before { break }
            usleep(Self.pauseMicroseconds)
        }
        return read(path)
    }

    /// One file for each cluster, as far as command line and settings tell them apart; nil when nothing says where one is.
    private func path(_ place: ClusterPlace, _ folder: String) -> String? {
        guard let settings = try? SettingsStore(context).settings(profile: place.profile),
            let servers = place.servers ?? settings.values["bootstrap.servers"]?.text
        else { return nil }
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        let user = settings.values["sasl.username"]?.text ?? ""
        for byte in [servers, user, place.commandConfig ?? "", place.profile ?? ""].joined(separator: "\n").utf8 {
            hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3
        }
        return folder + "/cluster-" + String(hash, radix: 16)
    }

    private func modified(_ path: String) -> Int64? {
        var facts = stat()
        guard stat(path, &facts) == 0 else { return nil }
        return Int64(facts.st_mtim.tv_sec) * 1000 + Int64(facts.st_mtim.tv_nsec) / 1_000_000
    }

    private func read(_ path: String) -> ClusterSnapshot {
        guard let bytes = try? FileReading.bytes(of: path, purpose: "cache") else { return ClusterSnapshot() }
        return ClusterSnapshot(parsing: String(decoding: bytes, as: UTF8.self))
    }

    // MARK: Looking anew

    /// POSIX_SPAWN_SETSID of spawn.h, which Swift does not see.
    private static let newSession: Int16 = 0x80

    /// Starts a process that asks the cluster, in a session of its own, so that it may stay when this one goes and has no
    /// terminal to ask for a password on.
    private func refresh(_ place: ClusterPlace, _ path: String) {
        let words = ["/proc/self/exe", CompletionMain.refreshWord, path] + place.words
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for descriptor in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] {
            posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0)
        }
        // What the shell was told stands in its settings only.
        let told = ["SWKAFKA_BOOTSTRAP_SERVER", "SWKAFKA_PROFILE"].compactMap { name in
            context.environment[name].map { (name: name, value: $0) }
        }
        guard let environment = try? ChildProcess.environment(adding: told) else { return }
        Spawning.withAttributes(flags: Self.newSession) { attributes in
            Spawning.withPointers(words) { arguments in
                Spawning.withPointers(environment) { environment in
                    var id = pid_t()
                    _ = posix_spawn(&id, "/proc/self/exe", &actions, attributes, arguments, environment)
                }
            }
        }
    }

    /// How long the other process may take.
    private static let refreshSeconds: UInt32 = 10

    /// `swkafka __complete-refresh PATH …`: asks the cluster and writes the file.
    static func refresh(_ arguments: [String], in context: CommandContext) async -> ExitStatus {
        guard arguments.count >= 2 else { return .usage }
        alarm(refreshSeconds)
        let path = arguments[1]
        let place = ClusterPlace(Array(arguments[2...]))
        // One is enough, however fast the key is pressed.
        let lock = open(path + ".lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        if lock < 0 {
            if let slash = path.lastIndex(of: "/") {
                try? FileWriting.makeDirectory(String(path[..<slash]), purpose: "cache")
            }
        } else if flock(lock, LOCK_EX | LOCK_NB) != 0 {
            return .success
        }
        do {
            var properties = ["client.id": "swkafka-completion"]
            if let file = place.commandConfig { properties.merge(try PropertyFiles.read(file)) { $1 } }
            let session = ClientSession(
                servers: place.servers.map { .servers($0) } ?? .configured,
                properties: properties,
                profile: place.profile
            )
            let snapshot = try await session.administer(context) { admin in try await ClusterSnapshot(asking: admin) }
            try FileWriting.replace(path, with: snapshot.text, purpose: "cache", mode: 0o600)
            return .success
        } catch {
            return .failure
        }
    }
}

/// The words of a command line that say which cluster it is about.
struct ClusterPlace: Equatable {
    var servers: String?
    var commandConfig: String?
    var profile: String?

    init(_ words: [String]) {
        // The last word may be half typed.
        servers =
            CompletionValues.value(of: "bootstrap-server", words) ?? CompletionValues.value(of: "broker-list", words)
        commandConfig = CompletionValues.value(of: "command-config", words)
        profile = CompletionValues.value(of: "profile", words)
    }

    var words: [String] {
        (servers.map { ["--bootstrap-server", $0] } ?? []) + (commandConfig.map { ["--command-config", $0] } ?? [])
            + (profile.map { ["--profile", $0] } ?? [])
    }
}

import Glibc
import KafkaStorage

/// A process of this machine that runs the bundled broker.
struct LocalBroker {
    let pid: Int32
    /// nil when its settings cannot be read.
    let nodeID: Int32?
    let roles: Set<String>

    /// The command of a broker, told by the words of its command line; nil for any other.
    struct Invocation: Equatable {
        /// Its property file.
        var config: String?
        var overrides: [String: String] = [:]

        init?(_ words: [String]) {
            guard let program = words.first?.split(separator: "/").last else { return nil }
            var rest = words.dropFirst()
            let isScript = program == "kafka-server-start" || program == "kafka-server-start.sh"
            var takesFileFirst = isScript
            if !isScript {
                guard program == "swkafka", let command = rest.popFirst() else { return nil }
                guard command == "broker" || command == "server-start", rest.first != "clock" else { return nil }
                takesFileFirst = command == "server-start"
            }
            while let word = rest.popFirst() {
                let halves = word.split(separator: "=", maxSplits: 1).map(String.init)
                switch halves.first {
                case "--config": config = halves.count > 1 ? halves[1] : rest.popFirst()
                case "--override":
                    guard let setting = halves.count > 1 ? halves[1] : rest.popFirst() else { break }
                    overrides.merge(KeyValueOptions.parse([setting])) { $1 }
                default:
                    if takesFileFirst, config == nil, !word.hasPrefix("-") { config = word }
                }
            }
        }
    }

    /// All that can be seen from here, this process not among them.
    static func all() -> [LocalBroker] {
        var brokers: [LocalBroker] = []
        for name in (try? PosixFileSystem().list("/proc")) ?? [] {
            guard let pid = Int32(name), pid != getpid(), let facts = ProcessFacts(pid),
                let invocation = Invocation(facts.commandLine)
            else { continue }
            brokers.append(LocalBroker(pid: pid, invocation))
        }
        return brokers.sorted { $0.pid < $1.pid }
    }

    private init(pid: Int32, _ invocation: Invocation) {
        self.pid = pid
        var properties: [String: String]? = [:]
        if let config = invocation.config {
            // A path on its command line begins where that process is.
            properties = try? PropertyFiles.read(config.hasPrefix("/") ? config : "/proc/\(pid)/cwd/\(config)")
        }
        properties?.merge(invocation.overrides) { $1 }
        nodeID = properties.flatMap { Int32($0["node.id"] ?? $0["broker.id"] ?? "1") }
        let roles = properties?["process.roles"] ?? "broker,controller"
        self.roles = Set(roles.split(separator: ",").map { KeyValueOptions.trimmed($0) })
    }
}

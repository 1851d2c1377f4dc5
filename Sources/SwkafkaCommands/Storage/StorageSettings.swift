import KafkaClient
import KafkaStorage
import KafkaTransport

/// What `storage` needs of a broker's configuration.
struct StorageSettings {
    let nodeID: Int32?
    /// The directories by name, that of the metadata first.
    let directories: [String]
    let roles: [String]
    let hasStaticVoters: Bool
    let controllerListener: String
    /// Where others find this node's controller; nil when no listener is its.
    let controllerEndpoint: VoterEndpoint?

    init(file: String) throws(CommandFailure) {
        let properties = try PropertyFiles.read(file)
        let items = { (name: String) -> [String] in
            (properties[name] ?? "").split(separator: ",").map { part in
                let front = part.drop { $0 == " " || $0 == "\t" }
                return String(
                    front.prefix(upTo: front.lastIndex { $0 != " " }.map(front.index(after:)) ?? front.startIndex)
                )
            }.filter { !$0.isEmpty }
        }
        nodeID = (properties["node.id"] ?? properties["broker.id"]).flatMap { Int32($0) }
        roles = items("process.roles")
        hasStaticVoters = !items("controller.quorum.voters").isEmpty
        let names = items("controller.listener.names")
        controllerListener = names.first ?? "CONTROLLER"
        controllerEndpoint =
            ["advertised.listeners", "listeners"].lazy
            .flatMap { AddedController.endpoints(properties[$0] ?? "", among: names) }.first
        var data = items("log.dirs")
        if data.isEmpty { data = items("log.dir") }
        if data.isEmpty { data = ["/tmp/kafka-logs"] }
        let metadata = items("metadata.log.dir").first ?? data[0]
        var seen: Set<String> = []
        directories = ([metadata] + data).filter { seen.insert($0).inserted }
    }

    /// How a directory stands.
    enum State {
        case missing
        case unformatted
        case formatted([String: String])
        case damaged(String)
    }

    static func state(of directory: String) throws(CommandFailure) -> State {
        let fileSystem = PosixFileSystem()
        let path = "\(directory)/\(MetaProperties.fileName)"
        do throws(StorageError) {
            guard try fileSystem.status(directory) != nil else { return .missing }
            guard try fileSystem.status(path) != nil else { return .unformatted }
            _ = try MetaProperties.decode(try fileSystem.readAll(path, limit: 1 << 20), path: path)
        } catch {
            return .damaged(error.reason)
        }
        return .formatted(try PropertyFiles.read(path))
    }
}

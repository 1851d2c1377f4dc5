import KafkaClient
import KafkaStorage
import KafkaWire

/// A controller as its properties file and its directory describe it.
struct AddedController: Equatable {
    var id: Int32
    var directoryID: KafkaUUID
    var endpoints: [VoterEndpoint]

    init(propertiesFile: String) throws(CommandFailure) {
        let properties = try PropertyFiles.read(propertiesFile)
        func value(_ name: String) throws(CommandFailure) -> String {
            guard let value = properties[name] else {
                throw CommandFailure(
                    "\(name) not found in configuration file \(propertiesFile). Is this a valid "
                        + "controller configuration file?"
                )
            }
            return value
        }
        let text = try value("node.id")
        guard let id = Int32(text), id >= 0 else {
            throw CommandFailure("node.id in \(propertiesFile) is '\(text)', not the number of a node.")
        }
        self.id = id
        let roles = Self.list(try value("process.roles"))
        guard roles.contains("controller") else {
            throw CommandFailure("process.roles in \(propertiesFile) does not contain controller.")
        }
        let directory = properties["metadata.log.dir"] ?? properties["log.dirs"].flatMap { Self.list($0).first }
        guard let directory else {
            throw CommandFailure("Neither metadata.log.dir nor log.dirs was found in \(propertiesFile).")
        }
        directoryID = try Self.directoryID(directory)
        let names = Self.list(try value("controller.listener.names"))
        endpoints = Self.endpoints(try value("listeners"), among: names)
        guard !endpoints.isEmpty else {
            throw CommandFailure("No listener in \(propertiesFile) is one of controller.listener.names.")
        }
    }

    private static func directoryID(_ directory: String) throws(CommandFailure) -> KafkaUUID {
        let path = "\(directory)/\(MetaProperties.fileName)"
        let bytes = try FileReading.bytes(of: path, purpose: "identity of the directory")
        let identity: MetaProperties
        do throws(StorageError) {
            identity = try MetaProperties.decode(bytes, path: path)
        } catch {
            throw CommandFailure("\(path) cannot be used: \(error.reason).")
        }
        guard let id = identity.directoryID else { throw CommandFailure("No directory id found in \(path)") }
        return id
    }

    private static func list(_ text: String) -> [String] {
        text.split(separator: ",").map { KeyValueOptions.trimmed($0) }.filter { !$0.isEmpty }
    }

    /// Those of `NAME://host:port,…` whose names are among `names`.
    static func endpoints(_ listeners: String, among names: [String]) -> [VoterEndpoint] {
        list(listeners).compactMap { endpoint($0, among: names) }
    }

    /// `NAME://host:port`; a host that is left out is this machine's own.
    private static func endpoint(_ text: String, among names: [String]) -> VoterEndpoint? {
        guard let scheme = text.firstIndex(of: ":"), names.contains(String(text[..<scheme])),
            let colon = text.lastIndex(of: ":"), colon > scheme, let port = UInt16(text[text.index(after: colon)...])
        else { return nil }
        let host = text[text.index(after: scheme)..<colon].drop { $0 == "/" }
        return VoterEndpoint(
            name: String(text[..<scheme]),
            host: host.isEmpty ? "localhost" : String(host),
            port: port
        )
    }
}

import KafkaClient
import KafkaMessages
import KafkaWire

/// The voters that a quorum begins with whose voters can change at run time (KIP-853).
struct FirstVoters {
    let record: VotersRecord
    /// The id that this node's directory of metadata gets; nil when it is no voter.
    let ownDirectoryID: KafkaUUID?

    /// What Kafka calls a directory of such a quorum.
    var kind: String { ownDirectoryID == nil ? "dynamic metadata" : "dynamic metadata voter" }

    /// - Returns: nil when the command line names none.
    init?(command: StorageFormatCommand, settings: StorageSettings, nodeID: Int32) throws(CommandFailure) {
        guard command.standalone || command.initialControllers != nil else { return nil }
        guard settings.roles.contains("controller") else {
            throw CommandFailure("Only a controller has voters: process.roles in \(command.config) names none.")
        }
        var voters: [VotersRecord.Voter] = []
        if let text = command.initialControllers {
            for word in text.split(separator: ",", omittingEmptySubsequences: false) {
                let voter = try Self.voter(word, listener: settings.controllerListener)
                guard !voters.contains(where: { $0.voterId == voter.voterId }) else {
                    throw CommandFailure("Controller \(voter.voterId) was named twice in --initial-controllers.")
                }
                voters.append(voter)
            }
        } else {
            guard let endpoint = settings.controllerEndpoint else {
                throw CommandFailure("No listener in \(command.config) is one of controller.listener.names.")
            }
            voters = [Self.voter(nodeID, .random(), endpoint.name, endpoint.host, endpoint.port)]
        }
        record = VotersRecord(voters: voters)
        ownDirectoryID = voters.first { $0.voterId == nodeID }?.voterDirectoryId
    }

    /// `id@host:port:directory`
    private static func voter(_ word: Substring, listener: String) throws(CommandFailure) -> VotersRecord.Voter {
        let halves = word.split(separator: "@", maxSplits: 1)
        let places = halves.last?.split(separator: ":") ?? []
        guard halves.count == 2, let id = Int32(halves[0]), id >= 0, places.count >= 3,
            let port = UInt16(places[places.count - 2]),
            let directoryID = KafkaUUID(base64: String(places[places.count - 1]))
        else {
            throw CommandFailure(
                "'\(word)' in --initial-controllers is not of the form id@host:port:directory.",
                status: .usage
            )
        }
        // An IPv6 address in brackets has colons of its own.
        let host = halves[1].dropLast(places[places.count - 1].count + places[places.count - 2].count + 2)
            .filter { $0 != "[" && $0 != "]" }
        return voter(id, directoryID, listener, String(host), port)
    }

    private static func voter(
        _ id: Int32,
        _ directoryID: KafkaUUID,
        _ name: String,
        _ host: String,
        _ port: UInt16
    ) -> VotersRecord.Voter {
        VotersRecord.Voter(
            voterId: id,
            voterDirectoryId: directoryID,
            endpoints: [VotersRecord.Endpoint(name: name, host: host, port: port)],
            kRaftVersionFeature: VotersRecord.KRaftVersionFeature(minSupportedVersion: 0, maxSupportedVersion: 1)
        )
    }
}

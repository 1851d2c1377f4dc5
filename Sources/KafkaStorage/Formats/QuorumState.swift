package import KafkaWire

/// The `quorum-state` file beside a metadata log: who leads the quorum in which epoch, and whom this node voted for.
package struct QuorumState: Equatable, Sendable {
    package static let fileName = "quorum-state"

    package var leaderID: Int32
    package var leaderEpoch: Int32
    /// -1: no vote was given in this epoch.
    package var votedID: Int32
    /// The directory of the candidate (version 1 only).
    package var votedDirectoryID: KafkaUUID
    /// The voters by id (version 0 only; in version 1 they stand in the log).
    package var currentVoters: [Int32]
    /// 0, or 1 when `kraft.version` is at least 1.
    package var dataVersion: Int32

    package init(
        leaderID: Int32 = -1,
        leaderEpoch: Int32 = 0,
        votedID: Int32 = -1,
        votedDirectoryID: KafkaUUID = .zero,
        currentVoters: [Int32] = [],
        dataVersion: Int32 = 0
    ) {
        self.leaderID = leaderID
        self.leaderEpoch = leaderEpoch
        self.votedID = votedID
        self.votedDirectoryID = votedDirectoryID
        self.currentVoters = currentVoters
        self.dataVersion = dataVersion
    }

    package func encode() -> [UInt8] {
        let text: String
        if dataVersion == 0 {
            let voters = currentVoters.map { "{\"voterId\":\($0)}" }.joined(separator: ",")
            text =
                "{\"clusterId\":\"\",\"leaderId\":\(leaderID),\"leaderEpoch\":\(leaderEpoch),\"votedId\":\(votedID),"
                + "\"appliedOffset\":0,\"currentVoters\":[\(voters)],\"data_version\":0}"
        } else {
            text =
                "{\"leaderId\":\(leaderID),\"leaderEpoch\":\(leaderEpoch),\"votedId\":\(votedID),"
                + "\"votedDirectoryId\":\"\(votedDirectoryID)\",\"data_version\":1}"
        }
        return Array(text.utf8)
    }

    package static func decode(_ bytes: [UInt8], path: String) throws(StorageError) -> QuorumState {
        guard let json = JSONValue.parse(bytes) else { throw .corrupt(path, "it is not a JSON object") }
        guard let version = json["data_version"]?.int32, (0...1).contains(version) else {
            throw .corrupt(path, "data_version is neither 0 nor 1")
        }
        guard let leader = json["leaderId"]?.int32, let epoch = json["leaderEpoch"]?.int32, epoch >= 0,
            let voted = json["votedId"]?.int32
        else { throw .corrupt(path, "leaderId, leaderEpoch or votedId is missing") }
        var state = QuorumState(leaderID: leader, leaderEpoch: epoch, votedID: voted, dataVersion: version)
        if let text = json["votedDirectoryId"]?.string {
            guard let id = KafkaUUID(base64: text) else {
                throw .corrupt(path, "votedDirectoryId is not an id of 22 characters")
            }
            state.votedDirectoryID = id
        }
        for voter in json["currentVoters"]?.array ?? [] {
            guard let id = voter["voterId"]?.int32 else { throw .corrupt(path, "a voter has no voterId") }
            state.currentVoters.append(id)
        }
        return state
    }
}

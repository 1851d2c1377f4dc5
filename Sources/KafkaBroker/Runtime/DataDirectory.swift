import KafkaStorage

/// The directory that holds a broker's data, with a lock on it, and removed in the end if it is not to be kept.
final class DataDirectory: Sendable {
    let logs: LogDirectory
    private let isEphemeral: Bool
    private let fileSystem: any FileSystem

    /// - Parameter clusterID: of the cluster that the directory has to belong to; nil takes any, and a new one for a new
    ///   directory.
    init(
        _ configuration: BrokerConfiguration,
        _ fileSystem: any FileSystem,
        clusterID: String? = nil
    ) throws(BrokerError) {
        self.fileSystem = fileSystem
        isEphemeral = configuration.isEphemeral
        let path: String
        if let wanted = configuration.dataDirectory {
            path = wanted
            if isEphemeral { try Self.requireEmpty(wanted, fileSystem) }
        } else {
            path = try TemporaryDirectory.make()
        }
        do {
            logs = try LogDirectory.open(
                path: path,
                nodeID: configuration.hasNodeID ? configuration.nodeID : nil,
                clusterID: clusterID ?? configuration.clusterID,
                fileSystem: fileSystem
            )
        } catch {
            throw BrokerError(error)
        }
    }

    private static func requireEmpty(_ path: String, _ fileSystem: any FileSystem) throws(BrokerError) {
        do {
            guard try fileSystem.status(path) != nil, try !fileSystem.list(path).isEmpty else { return }
        } catch {
            throw BrokerError(error)
        }
        throw BrokerError(
            .storage,
            "\(path) is not empty, and an ephemeral broker removes its data directory when it stops; give a new or "
                + "empty one, or none"
        )
    }

    /// Makes everything durable and marks the directory as closed cleanly; or removes it. Returns what went wrong.
    func close(highWatermarks: [TopicPartition: Int64], brokerEpoch: Int64) -> [StorageError] {
        guard isEphemeral else { return logs.close(highWatermarks: highWatermarks, brokerEpoch: brokerEpoch) }
        return remove()
    }

    /// After a start that failed: the directory is free for another broker, and will be recovered.
    func abandon() {
        if isEphemeral {
            _ = remove()
        } else {
            logs.releaseLock()
        }
    }

    private func remove() -> [StorageError] {
        logs.releaseLock()
        do throws(StorageError) {
            try fileSystem.removeTree(logs.path)
            return []
        } catch {
            return [error]
        }
    }
}

extension BrokerError {
    init(_ error: StorageError) {
        let code: Code =
            switch error.kind {
            case .locked: .directoryInUse
            case .wrongIdentity: .wrongDirectory
            case .system, .corrupt, .offline, .invalidArgument: .storage
            }
        self.init(code, error.description)
    }
}

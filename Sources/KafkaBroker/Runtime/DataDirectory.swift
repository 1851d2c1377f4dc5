import KafkaStorage

/// The directories that hold a broker's data, with a lock on each, and removed in the end if they are not to be kept.
final class DataDirectory: Sendable {
    let logs: LogDirectories
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
        var paths = configuration.dataDirectories
        if paths.isEmpty {
            paths = [try TemporaryDirectory.make()]
        } else if isEphemeral {
            // All of them are removed in the end.
            for path in paths + [configuration.metadataDirectory].compactMap(\.self) {
                try Self.requireEmpty(path, fileSystem)
            }
        }
        do {
            logs = try LogDirectories.open(
                paths: paths,
                metadataPath: configuration.metadataDirectory,
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
            logs.releaseLocks()
        }
    }

    private func remove() -> [StorageError] {
        logs.releaseLocks()
        var errors: [StorageError] = []
        for directory in logs.opened {
            do throws(StorageError) {
                try fileSystem.removeTree(directory.path)
            } catch {
                errors.append(error)
            }
        }
        return errors
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

import KafkaCoordination
import KafkaMessages
import KafkaStorage
import KafkaWire
import Logging
import Synchronization

/// Takes log directories out of use when they fail: their partitions answer KAFKA_STORAGE_ERROR and have no leader, and
/// the others go on. Without the directory of the metadata, or without any other, the broker cannot go on.
final class DirectoryWatch: Sendable {
    private struct State {
        var failed: [(directory: LogDirectory, error: StorageError)] = []
        var fatal: BrokerError?
    }

    private let core: BrokerCore
    private let alarm = Alarm()
    private let state = Mutex(State())

    init(core: BrokerCore) {
        self.core = core
        for directory in core.partitions.directories.opened {
            directory.observeFailure { [weak self, weak directory] error in
                guard let self, let directory else { return }
                self.state.withLock { $0.failed.append((directory, error)) }
                self.alarm.ring()
            }
        }
    }

    /// Why the broker had to stop; nil if it did not have to.
    var fatal: BrokerError? { state.withLock { $0.fatal } }

    /// Works until `stop`. True when the broker must stop. Must run where blocking is allowed.
    func run() async -> Bool {
        for offline in core.partitions.directories.offline {
            core.logger.error(
                "Log directory is offline",
                metadata: ["path": "\(offline.path)", "error": "\(offline.error)"]
            )
        }
        repeat {
            let failed = state.withLock { state in
                defer { state.failed = [] }
                return state.failed
            }
            for (directory, error) in failed {
                if isVital(directory) {
                    stop(because: error, directory)
                    return true
                }
                takeOffline(directory, error)
            }
        } while await alarm.sleep()
        return false
    }

    func stop() { alarm.expire() }

    private func isVital(_ directory: LogDirectory) -> Bool {
        directory === core.partitions.directories.metadata || core.partitions.directories.online.isEmpty
    }

    private func stop(because error: StorageError, _ directory: LogDirectory) {
        let isMetadata = directory === core.partitions.directories.metadata
        let role = isMetadata ? "the log directory of the metadata" : "the last log directory"
        let failure = BrokerError(.storage, "\(role), \(directory.path), failed, so the broker had to stop: \(error)")
        state.withLock { $0.fatal = failure }
        core.logger.critical("Log directory failed", metadata: ["path": "\(directory.path)", "error": "\(error)"])
    }

    private func takeOffline(_ directory: LogDirectory, _ error: StorageError) {
        core.logger.error("Log directory is offline", metadata: ["path": "\(directory.path)", "error": "\(error)"])
        core.partitions.takeOffline(directory, error)
        // A controller in another process is told with the next heartbeat.
        guard let id = directory.identity.directoryID, let local = core.controller as? LocalControllerChannel else {
            return
        }
        do throws(PartitionError) {
            _ = try local.driver.perform { controller, _ in
                controller.directoryFailed(id, of: core.nodeID)
            }
        } catch {
            core.logger.error("The failure of a log directory cannot be noted", metadata: ["error": "\(error)"])
        }
    }
}

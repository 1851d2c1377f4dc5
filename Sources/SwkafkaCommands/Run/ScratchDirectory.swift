import KafkaBroker
import KafkaStorage

/// A new directory for data that are not meant to stay.
struct ScratchDirectory: Sendable {
    let path: String

    /// Below `TMPDIR`, or /tmp, and readable by this user only.
    init() throws(CommandFailure) {
        do throws(BrokerError) {
            path = try TemporaryDirectory.make()
        } catch {
            throw CommandFailure("swkafka run: \(error.description).")
        }
    }

    /// Removes it with all that is in it, as far as possible.
    func remove() { try? PosixFileSystem().removeTree(path) }
}

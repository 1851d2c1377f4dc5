import KafkaStorage
import NIOCore
import Synchronization

/// The faults that are to be there now, as a file says that somebody else writes.
///
/// Nothing runs in the background: whoever is about to do what a fault could touch asks, and at most every
/// `intervalMs` the question leads to a look at the file.
package final class FaultBoard: Sendable {
    /// How long a change of the file may go unnoticed.
    package static let intervalMs: Int64 = 25
    /// A file that is larger says nothing.
    private static let largestFile = 1 << 20

    private struct State {
        var bytes: [UInt8] = []
        var faults: FaultSet?
    }

    private let path: String
    private let fileSystem = PosixFileSystem()
    private let nextLookMs = Atomic<Int64>(.min)
    private let hasFaults = Atomic(false)
    private let state = Mutex(State())

    package init(path: String) { self.path = path }

    /// nil while nothing is wrong.
    package var current: FaultSet? {
        let nowMs = Int64(NIODeadline.now().uptimeNanoseconds / 1_000_000)
        let due = nextLookMs.load(ordering: .relaxed)
        if nowMs >= due,
            nextLookMs.compareExchange(expected: due, desired: nowMs + Self.intervalMs, ordering: .relaxed).exchanged
        {
            look()
        }
        return hasFaults.load(ordering: .acquiring) ? state.withLock { $0.faults } : nil
    }

    private func look() {
        // No file: no faults. One that cannot be understood changes nothing: whoever wrote it has been told.
        let bytes = (try? fileSystem.readAll(path, limit: Self.largestFile)) ?? []
        state.withLock { state in
            guard bytes != state.bytes else { return }
            guard let found = try? FaultSet(text: String(decoding: bytes, as: UTF8.self)) else { return }
            state.bytes = bytes
            state.faults = found.isEmpty ? nil : found
            hasFaults.store(!found.isEmpty, ordering: .releasing)
        }
    }
}

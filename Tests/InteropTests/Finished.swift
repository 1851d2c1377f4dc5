import Foundation
import Synchronization

/// Set once, when all work is done.
final class Finished: Sendable {
    private let flag = Atomic(false)

    var isSet: Bool { flag.load(ordering: .acquiring) }

    func set() { flag.store(true, ordering: .releasing) }

    /// Until it is set, at most `seconds`.
    func wait(seconds: Double) async throws {
        let end = ContinuousClock.now + .seconds(seconds)
        while !isSet, ContinuousClock.now < end { try await Task.sleep(for: .milliseconds(20)) }
    }
}

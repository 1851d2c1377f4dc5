/// Flushes, and how many batches each of them still waits for: those born before it. Pure.
struct FlushQueue {
    private struct Flush {
        /// Younger than every batch that is waited for.
        let token: UInt64
        var remaining: Int
    }

    private var flushes: [Flush] = []

    var isEmpty: Bool { flushes.isEmpty }

    /// - Parameter token: a birth number of its own, drawn after those of the batches.
    mutating func begin(_ token: UInt64, waitingFor batches: Int) {
        flushes.append(Flush(token: token, remaining: batches))
    }

    /// Batches of an age came to be, where one was cut, or are done, where `change` is negative.
    mutating func count(_ change: Int, born birth: UInt64) {
        for index in flushes.indices where birth < flushes[index].token { flushes[index].remaining += change }
    }

    /// The tokens of those that wait for nothing any more, once.
    mutating func takeFinished() -> [UInt64] {
        let finished = flushes.filter { $0.remaining == 0 }.map(\.token)
        if !finished.isEmpty { flushes.removeAll { $0.remaining == 0 } }
        return finished
    }
}

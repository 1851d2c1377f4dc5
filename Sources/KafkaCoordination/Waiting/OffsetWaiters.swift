/// Those who wait until an offset of one partition (its high watermark, last stable offset or log start) passes a
/// point. They are woken by the event itself; nobody polls.
package struct OffsetWaiters<Token> {
    /// Names a waiter, so that it can leave early.
    package struct ID: Hashable, Sendable {
        fileprivate let number: UInt64
    }

    fileprivate struct Waiter {
        let id: ID
        let offset: Int64
        let token: Token
    }

    private var waiters: [Waiter] = []
    private var nextNumber: UInt64 = 0
    /// The lowest offset anybody waits for: the usual advance finds nobody to wake and must cost nothing.
    private var lowest = Int64.max

    package init() {}

    package var isEmpty: Bool { waiters.isEmpty }
    package var count: Int { waiters.count }

    /// Waits until the offset is at least `offset`.
    package mutating func add(_ token: Token, until offset: Int64) -> ID {
        let id = ID(number: nextNumber)
        nextNumber &+= 1
        waiters.append(Waiter(id: id, offset: offset, token: token))
        lowest = min(lowest, offset)
        return id
    }

    /// Leaves; a waiter that was woken in the meantime is gone already, which is harmless.
    package mutating func remove(_ id: ID) {
        guard let index = waiters.firstIndex(where: { $0.id == id }) else { return }
        waiters.remove(at: index)
        lowest = waiters.map(\.offset).min() ?? .max
    }

    /// The offset is now `offset`: whom to wake, in the order in which they came.
    package mutating func advance(to offset: Int64) -> [Token] {
        guard offset >= lowest else { return [] }
        var woken: [Token] = []
        var left: [Waiter] = []
        for waiter in waiters {
            if waiter.offset <= offset { woken.append(waiter.token) } else { left.append(waiter) }
        }
        waiters = left
        lowest = left.map(\.offset).min() ?? .max
        return woken
    }

    /// The partition changed hands, was cut or is gone: everybody must look again.
    package mutating func wakeAll() -> [Token] {
        defer {
            waiters = []
            lowest = .max
        }
        return waiters.map(\.token)
    }
}

extension OffsetWaiters: Sendable where Token: Sendable {}
extension OffsetWaiters.Waiter: Sendable where Token: Sendable {}

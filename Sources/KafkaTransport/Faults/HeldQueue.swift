import NIOCore

/// What a faulty connection holds back, in its order: until a time, and for as long as the connection is cut.
struct HeldQueue<Item> {
    private var items = CircularBuffer<(item: Item, dueMs: Int64)>()

    var isEmpty: Bool { items.isEmpty }

    /// When the first is due; nil if there is none.
    var nextDueMs: Int64? { items.first?.dueMs }

    /// Nothing overtakes what stands before it, even when it was to wait longer.
    mutating func hold(_ item: Item, untilMs: Int64) {
        items.append((item, max(untilMs, items.last?.dueMs ?? untilMs)))
    }

    /// The next one whose time has come.
    mutating func release(nowMs: Int64) -> Item? {
        guard let first = items.first, first.dueMs <= nowMs else { return nil }
        return items.removeFirst().item
    }

    /// Everything, as nothing goes through any more.
    mutating func removeAll() -> [Item] {
        defer { items.removeAll() }
        return items.map(\.item)
    }
}

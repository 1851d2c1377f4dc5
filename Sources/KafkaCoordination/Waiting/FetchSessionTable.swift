/// The fetch sessions of a broker by id: bounded, giving up the least useful when full.
///
/// Rules: a session that nobody used for two minutes makes room for any other; one that is older than two minutes makes
/// room for a session that is more privileged (a follower's), or as privileged and larger; otherwise the newcomer gets
/// none, which is always legal.
package struct FetchSessionTable<Session> {
    fileprivate struct Entry {
        var session: Session
        var isPrivileged: Bool
        var size: Int
        var createdMs: Int64
        var lastUsedMs: Int64
    }

    package static var evictionMs: Int64 { 120_000 }

    private let slots: Int
    private var entries: [Int32: Entry] = [:]

    package init(slots: Int) { self.slots = slots }

    package var count: Int { entries.count }

    /// Keeps a session under an id that is positive and not in use; nil when there is no room.
    package mutating func insert(
        _ session: Session,
        size: Int,
        isPrivileged: Bool,
        nowMs: Int64,
        using generator: inout some RandomNumberGenerator
    ) -> Int32? {
        guard entries.count < slots || makeRoom(size: size, isPrivileged: isPrivileged, nowMs: nowMs) else {
            return nil
        }
        while true {
            let id = Int32.random(in: 1...Int32.max, using: &generator)
            guard entries[id] == nil else { continue }
            entries[id] = Entry(
                session: session,
                isPrivileged: isPrivileged,
                size: size,
                createdMs: nowMs,
                lastUsedMs: nowMs
            )
            return id
        }
    }

    package mutating func use(_ id: Int32, nowMs: Int64) -> Session? {
        entries[id]?.lastUsedMs = nowMs
        return entries[id]?.session
    }

    package mutating func resized(_ id: Int32, to size: Int) { entries[id]?.size = size }

    package mutating func remove(_ id: Int32) { entries[id] = nil }

    private mutating func makeRoom(size: Int, isPrivileged: Bool, nowMs: Int64) -> Bool {
        guard slots > 0 else { return false }
        if let idle = entries.min(by: { $0.value.lastUsedMs < $1.value.lastUsedMs }),
            nowMs - idle.value.lastUsedMs > Self.evictionMs
        {
            entries[idle.key] = nil
            return true
        }
        let weight = { (entry: Entry) in (entry.isPrivileged ? 1 : 0, entry.size) }
        let old = entries.filter { nowMs - $0.value.createdMs > Self.evictionMs }
        guard let least = old.min(by: { weight($0.value) < weight($1.value) }),
            weight(least.value) < (isPrivileged ? 1 : 0, size)
        else { return false }
        entries[least.key] = nil
        return true
    }
}

extension FetchSessionTable: Sendable where Session: Sendable {}
extension FetchSessionTable.Entry: Sendable where Session: Sendable {}

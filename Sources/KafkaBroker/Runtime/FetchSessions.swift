import KafkaCoordination
import KafkaMessages
import Synchronization

/// The fetch sessions of all connections.
final class FetchSessions: Sendable {
    /// One session with its own lock: two requests of one session meet only when a client misbehaves.
    final class Box: Sendable {
        private let session: Mutex<FetchSession>

        init(_ session: FetchSession) { self.session = Mutex(session) }

        func withSession<Result: Sendable>(_ body: (inout FetchSession) -> Result) -> Result {
            session.withLock { body(&$0) }
        }
    }

    /// What a request is to read and how it is to be answered.
    struct Plan: Sendable {
        var targets: [FetchTarget]
        /// 0: without a session.
        var sessionID: Int32 = 0
        var session: Box?
        /// Everything is told, not only what is new.
        var isFull = true
    }

    private let table: Mutex<FetchSessionTable<Box>>

    init(slots: Int) { table = Mutex(FetchSessionTable(slots: slots)) }

    /// Finds out what a request means (`consumer.md`, section 4).
    ///
    /// - Parameter isPrivileged: of a follower, whose session is kept rather than a consumer's.
    func plan(
        id: Int32,
        epoch: Int32,
        targets: [FetchTarget],
        forgotten: [FetchKey],
        usesTopicIDs: Bool,
        isPrivileged: Bool,
        nowMs: Int64
    ) -> Result<Plan, FetchSessionError> {
        guard epoch > 0 else {
            if id != 0 { table.withLock { $0.remove(id) } }
            guard epoch == 0, !targets.isEmpty else { return .success(Plan(targets: targets)) }
            let box = Box(FetchSession(targets: targets, usesTopicIDs: usesTopicIDs))
            var generator = SystemRandomNumberGenerator()
            let size = targets.count
            let created = table.withLock {
                $0.insert(box, size: size, isPrivileged: isPrivileged, nowMs: nowMs, using: &generator)
            }
            guard let created else { return .success(Plan(targets: targets)) }
            return .success(Plan(targets: targets, sessionID: created, session: box))
        }
        guard let box = table.withLock({ $0.use(id, nowMs: nowMs) }) else { return .failure(.unknownID) }
        let updated = box.withSession { session in
            session.update(epoch: epoch, targets: targets, forgotten: forgotten, usesTopicIDs: usesTopicIDs)
        }
        switch updated {
        case .failure(let error): return .failure(error)
        case .success(let all) where all.isEmpty:
            // Nothing left to remember.
            table.withLock { $0.remove(id) }
            return .success(Plan(targets: []))
        case .success(let all):
            table.withLock { $0.resized(id, to: all.count) }
            return .success(Plan(targets: all, sessionID: id, session: box, isFull: false))
        }
    }
}

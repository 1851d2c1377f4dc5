import KafkaMessages
import KafkaWire

/// What was decided on one input of a consumer group.
struct ModernDecision<Answer: Sendable>: Sendable {
    var records: [GroupRecord] = []
    var answer: Answer
    /// The group in which only members of the classic protocol are left, if it may become a classic one: the records
    /// are then not for it but for the caller to replace.
    var downgrade: ModernGroup?

    init(_ answer: Answer, records: [GroupRecord] = []) {
        self.answer = answer
        self.records = records
    }
}

/// What a consumer group waits for.
struct ModernTimer: Hashable, Sendable {
    enum Kind: Sendable {
        /// No heartbeat.
        case session
        /// Partitions are not given back.
        case revocation
        /// A classic member that was told to rejoin does not.
        case join
        /// A classic member does not fetch its assignment.
        case sync
    }

    var group: String
    var member: String
    var kind: Kind

    init(_ group: String, _ member: String, _ kind: Kind) {
        self.group = group
        self.member = member
        self.kind = kind
    }
}

/// All consumer groups of KIP-848 of one partition of `__consumer_offsets`.
///
/// Groups and members change in `replay` only. Deadlines, and which metadata a group was last compared with, live here
/// and begin anew after a restart.
struct ModernGroups: Sendable {
    var settings: ModernSettings
    private(set) var groups: [String: ModernGroup] = [:]
    private(set) var timers = TimerQueue<ModernTimer>()
    /// The member epoch in which a revocation began: the deadline is void in another.
    private var revocationEpochs: [ModernTimer: Int32] = [:]
    /// The topics that a group was last compared with, and the epoch that came of it: should the group's be lower, then
    /// what was decided has not been written.
    private var comparisons: [String: (topicsVersion: UInt64, epoch: Int32)] = [:]
    /// When the target of a group was last computed.
    private var computations: [String: Int64] = [:]

    /// Milliseconds until a member is removed again whose removal could not be written.
    private static let retryMs: Int64 = 1000

    init(settings: ModernSettings = ModernSettings()) { self.settings = settings }

    // MARK: Replay

    mutating func replay(_ id: String, _ record: GroupRecord) {
        guard groups[id] != nil || !record.isTombstone else { return }
        if case .consumerGroup(_, nil) = record {
            groups[id] = nil
            comparisons[id] = nil
            computations[id] = nil
            return
        }
        groups[id, default: ModernGroup(id: id)].replay(record)
    }

    /// The log is replayed: every member has a whole session before it.
    mutating func loaded(_ image: MetadataImage, nowMs: Int64) {
        for id in groups.keys.sorted() { startTimers(id, image, nowMs: nowMs) }
    }

    /// Begins the sessions of all members of a group.
    mutating func startTimers(_ id: String, _ image: MetadataImage, nowMs: Int64) {
        guard let group = groups[id] else { return }
        for member in group.members.values.sorted(by: { $0.id < $1.id }) {
            renewSession(of: member, id, image, nowMs: nowMs)
            if member.progress == .unrevoked, !member.isClassic { startRevocation(of: member, id, nowMs: nowMs) }
        }
    }

    // MARK: Timers

    var nextDeadlineMs: Int64? { timers.nextDeadlineMs }

    func timing(_ id: String, _ image: MetadataImage) -> ModernSettings.Timing {
        settings.timing(of: image.configs(of: .group, id))
    }

    mutating func renewSession(of member: ModernMember, _ id: String, _ image: MetadataImage, nowMs: Int64) {
        let timeout = member.classic?.sessionTimeoutMs ?? timing(id, image).sessionTimeoutMs
        setTimer(ModernTimer(id, member.id, .session), afterMs: timeout, nowMs: nowMs)
    }

    mutating func beginSession(_ id: String, _ member: String, timeoutMs: Int32, nowMs: Int64) {
        setTimer(ModernTimer(id, member, .session), afterMs: timeoutMs, nowMs: nowMs)
    }

    mutating func startRevocation(of member: ModernMember, _ id: String, nowMs: Int64) {
        let timer = ModernTimer(id, member.id, .revocation)
        revocationEpochs[timer] = member.epoch
        setTimer(timer, afterMs: member.rebalanceTimeoutMs, nowMs: nowMs)
    }

    mutating func setTimer(_ timer: ModernTimer, afterMs: Int32, nowMs: Int64) {
        timers.set(timer, atMs: nowMs + Int64(max(0, afterMs)))
    }

    /// Leaves a deadline that is set as it is.
    mutating func setTimerIfAbsent(_ timer: ModernTimer, afterMs: Int32, nowMs: Int64) {
        guard timers.deadlineMs(of: timer) == nil else { return }
        setTimer(timer, afterMs: afterMs, nowMs: nowMs)
    }

    mutating func cancel(_ kind: ModernTimer.Kind, _ id: String, _ member: String) {
        let timer = ModernTimer(id, member, kind)
        timers.cancel(timer)
        revocationEpochs[timer] = nil
    }

    /// The member that has let its time pass, if one has: it is to be removed with `fence`. Called until it is nil.
    mutating func popExpired(nowMs: Int64) -> (group: ModernGroup, member: ModernMember)? {
        while let timer = timers.popDue(nowMs: nowMs) {
            let epoch = revocationEpochs.removeValue(forKey: timer)
            guard let group = groups[timer.group], let member = group.members[timer.member] else { continue }
            if timer.kind == .revocation, member.epoch != epoch || member.progress != .unrevoked { continue }
            // Should its removal not be written, it is tried again.
            timers.set(ModernTimer(timer.group, timer.member, .session), atMs: nowMs + Self.retryMs)
            return (group, member)
        }
        return nil
    }

    // MARK: Metadata

    /// Whether topics may have come, gone or grown since the group was last compared with them.
    func mayDiffer(_ group: ModernGroup, _ image: MetadataImage) -> Bool {
        guard let last = comparisons[group.id] else { return true }
        return last.topicsVersion != image.topicsVersion || group.epoch < last.epoch
    }

    mutating func noteComparison(_ group: ModernGroup, _ image: MetadataImage) {
        comparisons[group.id] = (topicsVersion: image.topicsVersion, epoch: group.epoch)
    }

    // MARK: Target

    /// Whether a target is to be computed now. A large group gathers changes first.
    func isDue(_ group: ModernGroup, nowMs: Int64) -> Bool {
        guard group.epoch > group.targetEpoch else { return false }
        guard let lastMs = computations[group.id], lastMs <= nowMs else { return true }
        return nowMs - lastMs >= settings.pace.intervalMs(group.members.count)
    }

    mutating func noteComputation(_ group: ModernGroup, nowMs: Int64) { computations[group.id] = nowMs }
}

extension GroupRecord {
    /// It deletes what its key names.
    var isTombstone: Bool {
        switch self {
        case .offset(_, let value): value == nil
        case .group(_, let value): value == nil
        case .consumerGroup(_, let value): value == nil
        case .partitionMetadata(_, let value): value == nil
        case .member(_, let value): value == nil
        case .targetAssignment(_, let value): value == nil
        case .memberTarget(_, let value): value == nil
        case .memberAssignment(_, let value): value == nil
        case .regularExpression(_, let value): value == nil
        }
    }
}

package import KafkaMessages
import NIOCore

/// All groups of one partition of `__consumer_offsets`, with their offsets (`groups.md`).
///
/// Groups come into being when somebody joins or commits, and in `replay`. A classic group that nothing was written of
/// is forgotten when its last member goes. While an input is worked on, its group is taken out of the table and put
/// back afterwards, so that changing one member of a large group does not copy the others.
package struct GroupCoordinator: Coordinator {
    package typealias Reply = GroupReply
    package typealias Decision<Answer: Sendable> = CoordinatorResult<Answer, GroupReply>

    package let settings: GroupSettings
    /// Classic groups, and those that only hold offsets.
    var groups: [String: Group] = [:]
    /// Consumer groups of KIP-848.
    var modern: ModernGroups
    /// The cluster, as it was told last.
    var image = MetadataImage()
    var offsets = OffsetStore()
    var timers = TimerQueue<GroupTimer>()
    /// The classic group as it was before the decision whose records are being written.
    var undo: ClassicGroup?

    package init(settings: GroupSettings) {
        self.settings = settings
        modern = ModernGroups(settings: settings.modern)
    }

    package var nextDeadlineMs: Int64? {
        [timers.nextDeadlineMs, modern.nextDeadlineMs].compactMap(\.self).min()
    }

    // MARK: The log

    package mutating func replay(_ record: CoordinatorRecord, producerID: Int64?) throws {
        guard let record = try GroupRecord(decoding: record) else { return }
        switch record {
        case .offset(let key, let value):
            if value != nil, producerID == nil, group(key.group) == nil {
                groups[key.group] = .classic(ClassicGroup(id: key.group))
            }
            offsets.replay(key, value, topicID: image.topics[key.topic]?.id, producerID: producerID)
        case .group(let key, let value): replay(key.group, value)
        case .consumerGroup(let key, _): replayModern(key.groupId, record)
        case .partitionMetadata(let key, _): replayModern(key.groupId, record)
        case .member(let key, _): replayModern(key.groupId, record)
        case .targetAssignment(let key, _): replayModern(key.groupId, record)
        case .memberTarget(let key, _): replayModern(key.groupId, record)
        case .memberAssignment(let key, _): replayModern(key.groupId, record)
        case .regularExpression(let key, _): replayModern(key.groupId, record)
        }
    }

    private mutating func replay(_ id: String, _ value: GroupMetadataValue?) {
        undo = nil
        guard let value else {
            groups[id] = nil
            return
        }
        var group = takeClassic(id) ?? ClassicGroup(id: id)
        group.apply(value)
        groups[id] = .classic(group)
    }

    package mutating func endTransaction(producerID: Int64, isCommit: Bool) {
        for id in offsets.endTransaction(producerID: producerID, isCommit: isCommit) where group(id) == nil {
            groups[id] = .classic(ClassicGroup(id: id))
        }
    }

    package mutating func loaded(_ image: MetadataImage, nowMs: Int64) -> Decision<Void> {
        var work = Decision<Void>()
        timers.set(.offsetExpiry, atMs: nowMs + settings.offsetRetentionCheckMs)
        self.image = image
        modern.loaded(image, nowMs: nowMs)
        for id in groups.keys.sorted() {
            guard var group = takeClassic(id) else { continue }
            for member in group.members.values { renewSession(member, of: group, nowMs) }
            // A group that was turned into a classic one has no leader before its members have joined.
            let isLeaderless = group.leaderID == nil && !group.members.isEmpty
            if isLeaderless || group.members.count > settings.maximumSize { prepareRebalance(&group, &work, nowMs) }
            put(group)
        }
        return work
    }

    package mutating func writeFailed(_ subject: String, code: ErrorCode, nowMs: Int64) -> [HeldReply<GroupReply>] {
        var work = Decision<Void>()
        guard let before = undo.take(), before.id == subject, takeClassic(subject) != nil else { return [] }
        var group = before
        if group.state == .completingRebalance {
            // The leader's assignment is lost: all who wait for it are told and join again.
            answerSyncs(&group, code, &work, nowMs)
            prepareRebalance(&group, &work, nowMs)
        }
        put(group)
        // What the rebalance would write now would fail as well; the next one writes it.
        return work.replies
    }

    // MARK: Events

    package mutating func advance(nowMs: Int64) -> Decision<Void> {
        var work = Decision<Void>()
        guard let timer = timers.popDue(nowMs: nowMs) else {
            removeExpiredMember(&work, nowMs)
            return work
        }
        switch timer {
        case .session(let id, let member): withClassic(id) { $0.sessionEnded(member, &$1, &work, nowMs) }
        case .pendingMember(let id, let member): withClassic(id) { $0.pendingEnded(member, &$1, &work, nowMs) }
        case .join(let id): withClassic(id) { $0.completeJoin(&$1, &work, nowMs) }
        case .initialJoin(let id): withClassic(id) { $0.initialDelayEnded(&$1, &work, nowMs) }
        case .sync(let id): withClassic(id) { $0.syncEnded(&$1, &work, nowMs) }
        case .downgraded(let id): withClassic(id) { $0.gatherDowngraded(&$1, &work, nowMs) }
        case .offsetExpiry:
            timers.set(.offsetExpiry, atMs: nowMs + settings.offsetRetentionCheckMs)
            expireOffsets(&work, nowMs)
        }
        return work
    }

    package mutating func metadataChanged(
        _ image: MetadataImage,
        removedTopics: [RemovedTopic],
        nowMs: Int64
    ) -> Decision<Void> {
        // A request may have shown more of the cluster than this.
        if image.offset >= self.image.offset { self.image = image }
        var work = Decision<Void>()
        work.isAtomic = false
        for topic in Set(removedTopics).sorted(by: { $0.id.precedes($1.id) }) {
            work.records += offsets.tombstones(topic: topic)
        }
        return work
    }

    // MARK: The table

    func group(_ id: String) -> Group? { modern.groups[id].map(Group.consumer) ?? groups[id] }

    /// Takes a classic group out of the table; `put` must follow.
    mutating func takeClassic(_ id: String) -> ClassicGroup? {
        guard case .classic(let group)? = groups[id] else { return nil }
        groups[id] = nil
        return group
    }

    /// Puts a group back, unless nothing of it is worth keeping.
    mutating func put(_ group: ClassicGroup) {
        if group.isUnused, group.generation == 0, !offsets.hasOffsets(group.id) {
            groups[group.id] = nil
        } else {
            groups[group.id] = .classic(group)
        }
    }

    private mutating func withClassic(_ id: String, _ body: (inout Self, inout ClassicGroup) -> Void) {
        guard var group = takeClassic(id) else { return }
        body(&self, &group)
        put(group)
    }

    func record(_ group: ClassicGroup, assignments: [String: ByteBuffer] = [:], nowMs: Int64) -> CoordinatorRecord? {
        let value = group.value(assignments: assignments, stateTimestampMs: nowMs)
        return try? GroupRecord.group(GroupMetadataKey(group: group.id), value).encoded()
    }
}

/// Decides what to ask of which node: pure, and fair among the partitions of a node.
///
/// Rules:
/// - One fetch per node is under way at a time; a partition is in at most one of them.
/// - A partition whose fetched records wait to be read beyond its share of the memory is left out until they have been
///   taken, and nothing is asked for at all once the whole memory is used.
/// - Partitions take turns: those that just brought records go to the end of the order, since brokers fill an answer from
///   the front.
/// - When a partition is left out for want of room, the others are asked with a short wait, so that a quiet partition
///   does not hold up the node while room is being made.
package struct FetchPlanner: Sendable {
    /// How much may be asked for and kept.
    package struct Limits: Equatable, Sendable {
        /// Bytes of fetched and unread records over all partitions. A fetch under way may exceed it by its own size.
        package var maxQueuedBytes: Int
        /// `fetch.max.bytes`
        package var maxBytes: Int32
        /// `max.partition.fetch.bytes`
        package var maxPartitionBytes: Int32
        /// `fetch.min.bytes`
        package var minBytes: Int32
        /// `fetch.max.wait.ms`
        package var maxWaitMs: Int32

        package init(
            maxQueuedBytes: Int,
            maxBytes: Int32,
            maxPartitionBytes: Int32,
            minBytes: Int32 = 1,
            maxWaitMs: Int32 = 500
        ) {
            self.maxQueuedBytes = maxQueuedBytes
            self.maxBytes = maxBytes
            self.maxPartitionBytes = maxPartitionBytes
            self.minBytes = minBytes
            self.maxWaitMs = maxWaitMs
        }
    }

    /// What the planner needs to know about a partition.
    package struct Candidate: Equatable, Sendable {
        /// What would be asked.
        package var target: FetchTarget
        /// Record bytes that were fetched and not yet taken.
        package var queuedBytes: Int

        package init(target: FetchTarget, queuedBytes: Int) {
            self.target = target
            self.queuedBytes = queuedBytes
        }
    }

    /// One fetch.
    package struct Plan: Equatable, Sendable {
        package var targets: [FetchTarget]
        package var maxBytes: Int32
        package var minBytes: Int32
        package var maxWaitMs: Int32

        package init(targets: [FetchTarget], maxBytes: Int32, minBytes: Int32, maxWaitMs: Int32) {
            self.targets = targets
            self.maxBytes = maxBytes
            self.minBytes = minBytes
            self.maxWaitMs = maxWaitMs
        }
    }

    /// The wait, in milliseconds, of a fetch that leaves out partitions for want of room.
    package static let crowdedWaitMs: Int32 = 20

    package let limits: Limits
    private var order: [TopicPartition] = []

    package init(limits: Limits) {
        self.limits = limits
    }

    /// A partition to plan for; it comes last.
    package mutating func add(_ partition: TopicPartition) {
        if !order.contains(partition) {
            order.append(partition)
        }
    }

    /// Several partitions to plan for; they come last, in their order.
    package mutating func add(_ partitions: [TopicPartition]) {
        let known = Set(order)
        order.append(contentsOf: partitions.filter { !known.contains($0) })
    }

    /// A partition that is no longer wanted.
    package mutating func remove(_ partition: TopicPartition) {
        order.removeAll { $0 == partition }
    }

    /// Partitions that just brought records: others come first from now on.
    package mutating func served(_ partitions: Set<TopicPartition>) {
        guard !partitions.isEmpty else { return }
        order = order.filter { !partitions.contains($0) } + order.filter { partitions.contains($0) }
    }

    /// The next fetch for a node, or `nil` when there is nothing to ask it.
    ///
    /// - Parameters:
    ///   - queuedBytes: fetched and unread record bytes over all partitions.
    ///   - candidate: tells about a partition; `nil` when it is paused, under way, without position, or led elsewhere.
    package func plan(queuedBytes: Int, candidate: (TopicPartition) -> Candidate?) -> Plan? {
        let room = limits.maxQueuedBytes - queuedBytes
        guard room > 0 else { return nil }
        let share = max(
            Int(limits.maxPartitionBytes) * 2,
            limits.maxQueuedBytes / max(1, order.count)
        )
        var targets: [FetchTarget] = []
        var isCrowded = false
        for partition in order {
            guard let candidate = candidate(partition) else { continue }
            if candidate.queuedBytes > 0, candidate.queuedBytes >= share {
                isCrowded = true
            } else {
                targets.append(candidate.target)
            }
        }
        guard !targets.isEmpty else { return nil }
        return Plan(
            targets: targets,
            maxBytes: max(1, Int32(clamping: min(Int(limits.maxBytes), room))),
            minBytes: limits.minBytes,
            maxWaitMs: isCrowded ? min(limits.maxWaitMs, Self.crowdedWaitMs) : limits.maxWaitMs
        )
    }
}

package import KafkaMessages
package import KafkaWire

/// A partition as a fetch names it: by topic name up to version 12, by topic id from 13 on.
package struct FetchKey: Hashable, Sendable {
    package enum Topic: Hashable, Sendable {
        case name(String)
        case id(KafkaUUID)
    }

    package var topic: Topic
    package var partition: Int32

    package init(topic: Topic, partition: Int32) {
        self.topic = topic
        self.partition = partition
    }
}

/// What a fetch wants from one partition.
package struct FetchTarget: Equatable, Sendable {
    package var key: FetchKey
    package var offset: Int64
    package var maxBytes: Int
    /// -1: unchecked.
    package var currentLeaderEpoch: Int32
    /// -1: no check for divergence.
    package var lastFetchedEpoch: Int32
    /// A follower's own log start; -1 from consumers.
    package var logStartOffset: Int64

    package init(
        key: FetchKey,
        offset: Int64,
        maxBytes: Int,
        currentLeaderEpoch: Int32 = -1,
        lastFetchedEpoch: Int32 = -1,
        logStartOffset: Int64 = -1
    ) {
        self.key = key
        self.offset = offset
        self.maxBytes = maxBytes
        self.currentLeaderEpoch = currentLeaderEpoch
        self.lastFetchedEpoch = lastFetchedEpoch
        self.logStartOffset = logStartOffset
    }
}

/// What one partition's read came to, as far as a session must know it.
package struct FetchOutcome: Equatable, Sendable {
    package var key: FetchKey
    package var hasRecords: Bool
    package var isError: Bool
    package var highWatermark: Int64
    package var logStartOffset: Int64
    /// A diverging epoch or a preferred replica: always worth telling.
    package var mustBeTold: Bool

    package init(
        key: FetchKey,
        hasRecords: Bool,
        isError: Bool,
        highWatermark: Int64,
        logStartOffset: Int64,
        mustBeTold: Bool = false
    ) {
        self.key = key
        self.hasRecords = hasRecords
        self.isError = isError
        self.highWatermark = highWatermark
        self.logStartOffset = logStartOffset
        self.mustBeTold = mustBeTold
    }
}

/// One client's memory of what it fetches (KIP-227): a request names only what changed, an answer holds only what is
/// new.
///
/// Rules: requests come with consecutive epochs from 1, and after Int32.max with 1 again; a session speaks either of
/// topic names or of topic ids; a partition is told when it has records, an error, or another high watermark or log
/// start than last time, and after an error in any case; partitions that gave records go to the end, so that none
/// starves.
package struct FetchSession: Sendable {
    private struct Entry: Sendable {
        var target: FetchTarget
        /// As last told; -1 before the first time and after an error.
        var toldHighWatermark: Int64 = -1
        var toldLogStart: Int64 = -1
    }

    package let usesTopicIDs: Bool
    /// The epoch that the next request must carry.
    package private(set) var nextEpoch: Int32 = 1
    private var entries: [FetchKey: Entry] = [:]
    private var order: [FetchKey] = []

    package init(targets: [FetchTarget], usesTopicIDs: Bool) {
        self.usesTopicIDs = usesTopicIDs
        for target in targets { set(target) }
    }

    package var size: Int { entries.count }

    package static func epoch(after epoch: Int32) -> Int32 { epoch == .max ? 1 : epoch + 1 }

    /// An incremental request: what to read for it, in order, or the error that refuses it.
    package mutating func update(
        epoch: Int32,
        targets: [FetchTarget],
        forgotten: [FetchKey],
        usesTopicIDs: Bool
    ) -> Result<[FetchTarget], FetchSessionError> {
        guard epoch == nextEpoch else { return .failure(.invalidEpoch) }
        guard usesTopicIDs == self.usesTopicIDs else { return .failure(.mixesNamesAndIDs) }
        nextEpoch = Self.epoch(after: epoch)
        for target in targets { set(target) }
        if !forgotten.isEmpty {
            let gone = Set(forgotten)
            for key in gone { entries[key] = nil }
            order.removeAll(where: gone.contains)
        }
        return .success(self.targets)
    }

    /// Everything that the session reads, in order.
    package var targets: [FetchTarget] { order.compactMap { entries[$0]?.target } }

    /// Which of the outcomes belong in the answer.
    ///
    /// - Parameter isFull: the answer to the request that created the session, which holds everything.
    package mutating func select(_ outcomes: [FetchOutcome], isFull: Bool) -> [Bool] {
        var withRecords: Set<FetchKey> = []
        let selection = outcomes.map { outcome in
            guard var entry = entries[outcome.key] else { return true }
            var isTold = isFull || outcome.hasRecords || outcome.isError || outcome.mustBeTold
            if entry.toldHighWatermark != outcome.highWatermark || entry.toldLogStart != outcome.logStartOffset {
                isTold = true
            }
            entry.toldHighWatermark = outcome.isError ? -1 : outcome.highWatermark
            entry.toldLogStart = outcome.logStartOffset
            entries[outcome.key] = entry
            if outcome.hasRecords { withRecords.insert(outcome.key) }
            return isTold
        }
        if !withRecords.isEmpty, withRecords.count < order.count {
            order = order.filter { !withRecords.contains($0) } + order.filter(withRecords.contains)
        }
        return selection
    }

    private mutating func set(_ target: FetchTarget) {
        if entries[target.key] == nil {
            order.append(target.key)
            entries[target.key] = Entry(target: target)
        } else {
            entries[target.key]?.target = target
        }
    }
}

/// Why a fetch session refuses a request; the client then starts over with a full fetch.
package enum FetchSessionError: Error, Equatable, Sendable {
    case unknownID
    case invalidEpoch
    case mixesNamesAndIDs

    package var code: ErrorCode {
        switch self {
        case .unknownID: .fetchSessionIdNotFound
        case .invalidEpoch: .invalidFetchSessionEpoch
        case .mixesNamesAndIDs: .fetchSessionTopicIdError
        }
    }
}

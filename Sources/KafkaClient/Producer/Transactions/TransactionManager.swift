package import KafkaMessages

/// Where a transactional producer stands: pure.
///
/// ```
/// uninitialized → initializing → ready ⇄ open → committing ─┐
///                      ↑           ↑       ↓ abort          │
///                      │           ├── aborting ←── abortable
///                      └───────────┴────────────────────────┘     any → failed
/// ```
///
/// Rules:
/// - Records are taken in a transaction only. A partition is written to once the coordinator knows that the transaction
///   touches it; with `transaction.version` 2 its leader tells the coordinator by itself (KIP-890).
/// - An error that only spoils the transaction makes it *abortable*: nothing but an abort is possible, then the producer
///   goes on. One that says that another producer has taken over, or that nothing helps, is final.
/// - A commit or abort of which no answer came may be repeated, and nothing else: what became of it is open.
/// - After an abort that an error called for, the producer's epoch is raised, unless ending the transaction did that, so
///   that late batches of it are refused.
package struct TransactionManager: Sendable {
    package enum Phase: Equatable, Sendable {
        case uninitialized
        case initializing
        case ready
        case open
        case committing
        case aborting
        /// Only an abort helps; see ``failure``.
        case abortable
        /// Nothing helps; see ``failure``.
        case failed
    }

    /// What the coordinator's answer to a request calls for.
    package enum Reaction: Equatable, Sendable {
        case done
        /// Send it again after a pause; `soon` when the last transaction is only being finished.
        case sendAgain(soon: Bool)
        /// The transaction is spoilt.
        case abort
        /// The producer is.
        case fail
    }

    /// How to end the transaction.
    package struct Ending: Equatable, Sendable {
        package var commits: Bool
        /// Whether the coordinator knows of the transaction; if not, there is nothing to tell it.
        package var isKnown: Bool
        /// Whether to raise the epoch afterwards.
        package var raisesEpoch: Bool

        package init(commits: Bool, isKnown: Bool, raisesEpoch: Bool) {
            self.commits = commits
            self.isKnown = isKnown
            self.raisesEpoch = raisesEpoch
        }
    }

    package private(set) var phase = Phase.uninitialized
    /// Why the transaction, or the producer, cannot go on.
    package private(set) var failure: KafkaClientError?
    /// Whether leaders add partitions by themselves; settled when a transaction begins.
    package private(set) var addsImplicitly = false
    private var added: Set<TopicPartition> = []
    private var wanted: Set<TopicPartition> = []
    private var beingAdded: Set<TopicPartition> = []
    private var isKnownToCoordinator = false
    private var needsNewEpoch = false

    package init() {}

    // MARK: Beginning

    /// Starts to ask for the producer's identity; also to repeat an attempt that was not answered.
    package mutating func beginInitializing() throws(KafkaClientError) {
        switch phase {
        case .uninitialized, .initializing: phase = .initializing
        case .ready, .open, .committing, .aborting: throw misuse("initTransactions may be called once only")
        case .abortable, .failed: throw failure ?? misuse("the producer has failed")
        }
    }

    /// The producer has its identity.
    package mutating func initialized() {
        guard phase == .initializing else { return }
        phase = .ready
    }

    /// Begins a transaction.
    ///
    /// - Parameter addsImplicitly: whether `transaction.version` 2 is in force.
    package mutating func begin(addsImplicitly implicit: Bool) throws(KafkaClientError) {
        switch phase {
        case .ready:
            phase = .open
            addsImplicitly = implicit
            added = []
            wanted = []
            beingAdded = []
            isKnownToCoordinator = false
        case .uninitialized, .initializing: throw misuse("initTransactions has to succeed first")
        case .open: throw misuse("a transaction is open already")
        case .committing, .aborting: throw misuse("the last transaction is still being ended")
        case .abortable, .failed: throw failure ?? misuse("the producer has failed")
        }
    }

    // MARK: Partitions

    /// A record for a partition wants to be taken.
    ///
    /// - Throws: when there is no transaction to take it in.
    package mutating func want(_ partition: TopicPartition) throws(KafkaClientError) {
        switch phase {
        case .open: break
        case .abortable, .failed: throw failure ?? misuse("the transaction has failed")
        case .uninitialized, .initializing, .ready: throw misuse("records are taken in a transaction only: begin one")
        case .committing, .aborting: throw misuse("the transaction is being ended")
        }
        guard !added.contains(partition) else { return }
        if addsImplicitly {
            added.insert(partition)
            isKnownToCoordinator = true
        } else if !beingAdded.contains(partition) {
            wanted.insert(partition)
        }
    }

    /// Whether batches of a partition may be sent.
    package func admits(_ partition: TopicPartition) -> Bool {
        switch phase {
        case .open, .committing: added.contains(partition)
        case .uninitialized, .initializing, .ready, .aborting, .abortable, .failed: false
        }
    }

    /// Whether the coordinator is being told of partitions; the transaction must not be ended before that is over, lest
    /// the next one begins with them.
    package var isAdding: Bool { !beingAdded.isEmpty }

    /// Whether adding partitions still makes sense.
    package var takesPartitions: Bool { phase == .open || phase == .committing }

    /// Whether partitions wait to be added.
    package var wantsPartitions: Bool { !wanted.isEmpty && beingAdded.isEmpty && takesPartitions }

    /// The partitions to add now; they count as asked for until ``partitionsAdded(_:)`` or ``partitionsNotAdded()``.
    package mutating func takeWantedPartitions() -> [TopicPartition] {
        guard wantsPartitions else { return [] }
        beingAdded = wanted
        wanted = []
        // The coordinator may know of the transaction even if its answer is lost.
        isKnownToCoordinator = true
        return beingAdded.sorted()
    }

    /// The coordinator has added the partitions that were asked for.
    package mutating func partitionsAdded() {
        added.formUnion(beingAdded)
        beingAdded = []
    }

    /// The partitions that were asked for have to be asked for again.
    package mutating func partitionsNotAdded() {
        wanted.formUnion(beingAdded)
        beingAdded = []
    }

    /// Offsets of a group are about to be added.
    package mutating func addsOffsets() throws(KafkaClientError) {
        guard phase == .open else {
            throw failure ?? misuse("offsets are committed in a transaction only: begin one")
        }
        isKnownToCoordinator = true
    }

    // MARK: Failures

    /// Something spoilt the transaction.
    ///
    /// - Parameter raisesEpoch: whether batches of it may still be under way somewhere.
    package mutating func spoil(_ error: KafkaClientError, raisesEpoch: Bool = true) {
        needsNewEpoch = needsNewEpoch || raisesEpoch
        switch phase {
        case .open, .committing:
            phase = .abortable
            failure = error
        case .uninitialized, .initializing, .ready, .aborting, .abortable, .failed: break
        }
    }

    /// The producer can do nothing more.
    package mutating func fail(_ error: KafkaClientError) {
        guard phase != .failed else { return }
        phase = .failed
        failure = error
    }

    // MARK: Ending

    /// Begins to commit; also to repeat a commit that was not answered.
    package mutating func beginCommitting() throws(KafkaClientError) {
        switch phase {
        case .open, .committing: phase = .committing
        case .uninitialized, .initializing, .ready: throw misuse("there is no transaction to commit")
        case .aborting: throw misuse("the transaction is being aborted")
        case .abortable, .failed: throw failure ?? misuse("the transaction has failed")
        }
    }

    /// Begins to abort; also to repeat an abort that was not answered.
    package mutating func beginAborting() throws(KafkaClientError) {
        switch phase {
        case .open, .abortable, .aborting: phase = .aborting
        case .uninitialized, .initializing, .ready: throw misuse("there is no transaction to abort")
        case .committing: throw misuse("a commit is under way whose outcome is open: commit again")
        case .failed: throw failure ?? misuse("the producer has failed")
        }
        wanted = []
    }

    /// What the end takes, once every batch is answered or dropped. `nil` when there is nothing to end.
    package func ending(endRaisesEpoch: Bool) -> Ending? {
        switch phase {
        case .committing: Ending(commits: true, isKnown: isKnownToCoordinator, raisesEpoch: false)
        case .aborting:
            Ending(
                commits: false,
                isKnown: isKnownToCoordinator,
                raisesEpoch: needsNewEpoch && !(endRaisesEpoch && isKnownToCoordinator)
            )
        case .uninitialized, .initializing, .ready, .open, .abortable, .failed: nil
        }
    }

    /// The transaction is over.
    package mutating func ended() {
        guard phase == .committing || phase == .aborting else { return }
        phase = .ready
        failure = nil
        needsNewEpoch = false
        added = []
        wanted = []
        beingAdded = []
        isKnownToCoordinator = false
    }

    private func misuse(_ why: String) -> KafkaClientError {
        KafkaClientError(.invalidArgument, "This cannot be done now: \(why).")
    }
}

extension TransactionManager {
    /// What an error of the transaction's or the group's coordinator calls for.
    ///
    /// - Parameters:
    ///   - raisesEpochs: whether the coordinator can raise a producer's epoch (InitProducerId 3), after which a producer
    ///     whose id was forgotten goes on.
    package static func reaction(to error: ErrorCode, raisesEpochs: Bool) -> Reaction {
        switch error {
        case .none:
            .done
        case .concurrentTransactions:
            .sendAgain(soon: true)
        case .invalidProducerIdMapping, .unknownProducerId:
            raisesEpochs ? .abort : .fail
        case .transactionAbortable, .outOfOrderSequenceNumber, .topicAuthorizationFailed, .groupAuthorizationFailed,
            .illegalGeneration, .unknownMemberId, .fencedInstanceId, .operationNotAttempted, .staleMemberEpoch,
            .fencedMemberEpoch, .offsetMetadataTooLarge, .invalidCommitOffsetSize:
            .abort
        default:
            // Fenced producers, wrong states, missing rights to the id and unknown errors end the producer.
            error.isRetriable ? .sendAgain(soon: false) : .fail
        }
    }

    /// What becomes of the transaction when a batch is given up: `nil` when the producer itself is done for.
    package static func batchSpoils(_ error: KafkaClientError) -> Bool {
        switch error.brokerError {
        case .producerFenced, .transactionalIdAuthorizationFailed, .clusterAuthorizationFailed, .invalidTxnState,
            .unsupportedVersion, .unsupportedForMessageFormat:
            false
        default:
            true
        }
    }
}

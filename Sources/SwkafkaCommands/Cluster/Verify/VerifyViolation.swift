/// A promise that a cluster has not kept.
struct VerifyViolation: Equatable, Sendable, CustomStringConvertible {
    enum Kind: String, Sendable, CaseIterable {
        /// A record was acknowledged and is not there.
        case lost
        /// A record of a committed transaction is not shown to readers of committed records.
        case hidden
        /// Of a transaction a part is there.
        case torn
        /// A reader of committed records saw what belongs to an aborted transaction.
        case abortedSeen = "aborted-seen"
        /// A record is there twice.
        case twice
        /// A producer's records are in another order than it wrote them.
        case reordered
        /// Somebody saw a record that is not there any more.
        case vanished
        /// A reader was given records again, or in another order.
        case repeated
        /// A reader was not given a record.
        case skipped
        /// A record that nobody wrote, or one that is damaged.
        case damaged
        /// Replicas have different bytes.
        case replicasDiffer = "replicas-differ"
        /// A reader failed with an error that stands for lost records.
        case readerFailed = "reader-failed"
        /// A reader does not come to the end, or a transaction never ends.
        case stuck
    }

    var kind: Kind
    /// What was promised and what is the case: a sentence.
    var text: String

    var description: String { "\(kind.rawValue): \(text)" }
}

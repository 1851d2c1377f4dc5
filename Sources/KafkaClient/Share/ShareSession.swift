package import KafkaMessages
package import KafkaWire

/// A partition as share groups' requests name it.
package struct SharePlace: Hashable, Comparable, Sendable {
    package var topicID: KafkaUUID
    package var partition: Int32

    package init(topicID: KafkaUUID, partition: Int32) {
        self.topicID = topicID
        self.partition = partition
    }

    package static func < (left: SharePlace, right: SharePlace) -> Bool {
        (left.topicID.high, left.topicID.low, left.partition) < (right.topicID.high, right.topicID.low, right.partition)
    }
}

/// A member's session with one broker (KIP-932): which partitions the broker gives it records of. Pure.
///
/// Rules:
/// - Epoch 0 opens a session, and closes one that may be left; it names every partition, and no acknowledgement may go with
///   it. Each request after that has the next epoch; after `Int32.max` comes 1.
/// - Within a session only partitions that are new are named, and those no longer wanted are taken out.
/// - Epoch -1 closes the session; the broker then gives what was acquired and not acknowledged to others.
/// - When an answer is lost, or is an error, another session is opened: what the broker has taken in is not known. Records
///   belong to the member, not to the session, and so are kept.
package struct ShareSession: Equatable, Sendable {
    /// What to put into the next request.
    package struct Step: Equatable, Sendable {
        package var epoch: Int32
        /// Partitions to name.
        package var added: [SharePlace]
        /// Partitions to take out.
        package var forgotten: [SharePlace]

        package init(epoch: Int32, added: [SharePlace], forgotten: [SharePlace]) {
            self.epoch = epoch
            self.added = added
            self.forgotten = forgotten
        }
    }

    /// The epoch of a request that closes a session.
    package static let finalEpoch: Int32 = -1

    /// The epoch of the next request.
    private(set) var epoch: Int32
    private var included: Set<SharePlace> = []

    /// - Parameter epoch: of the first request.
    package init(epoch: Int32 = 0) { self.epoch = epoch }

    /// Whether the broker knows the session: only then it takes acknowledgements.
    package var isOpen: Bool { epoch > 0 }

    /// Whether a fetch for these partitions would say anything new.
    package func differs(from wanted: Set<SharePlace>) -> Bool { included != wanted }

    /// The next fetch, for all these partitions.
    package mutating func fetch(_ wanted: Set<SharePlace>) -> Step {
        let known = isOpen ? included : []
        included = wanted
        return Step(
            epoch: epoch,
            added: wanted.subtracting(known).sorted(),
            forgotten: known.subtracting(wanted).sorted()
        )
    }

    /// Takes in the top of an answer.
    package mutating func received(_ error: ErrorCode) {
        guard error == .none else { return lost() }
        epoch = epoch == .max ? 1 : epoch + 1
    }

    /// No answer came: what the broker knows is not known here.
    package mutating func lost() {
        epoch = 0
        included = []
    }
}

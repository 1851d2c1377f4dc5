@testable import KafkaCoordination

/// What one transactional producer is about. It does one thing at a time, and repeats what was not answered.
struct SimulatedProducer {
    enum Phase: Equatable {
        /// Asks for its epoch; with the one it has if it goes on after an error.
        case beginning(expected: TransactionalProducer?)
        case idle
        case open
        /// A batch for this partition is on its way.
        case producing(Int)
        case ending(isCommit: Bool)
    }

    let id: String
    /// Whether it works with KIP-890 part 2.
    let raisesEpoch: Bool
    var phase = Phase.beginning(expected: nil)
    var producer = TransactionalProducer(id: -1, epoch: -1)
    var sequences: [Int: Int32] = [:]
    /// The present transaction.
    var tag = -1
    var added: Set<Int> = []
    /// After this abort it needs another epoch.
    var needsEpoch = false
    /// Counts the lives of its application.
    var life = 0
}

/// A batch on its way to a partition.
struct SimulatedRequest {
    enum Step {
        case sent
        /// The leader asks the coordinator, with this guard.
        case asking(TransactionGuards.Guard)
        case asked(TransactionGuards.Guard)
    }

    var client: Int
    var life: Int
    var tag: Int
    var partition: Int
    var producer: TransactionalProducer
    var sequence: Int32
    var joins: Bool
    var step = Step.sent
}

/// Markers of one transaction on their way.
struct SimulatedRound {
    var marker: TransactionMarker
    var left: [Int]
    var coordinatorEpoch: Int32
    var results: [MarkerDelivery.PartitionResult] = []
}

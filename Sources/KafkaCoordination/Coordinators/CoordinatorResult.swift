package import KafkaMessages

/// Stands for one request that waits for its answer.
package struct HeldToken: Hashable, Sendable, Comparable {
    package let number: UInt64

    package init(_ number: UInt64) { self.number = number }

    package static func < (left: HeldToken, right: HeldToken) -> Bool { left.number < right.number }
}

/// The answer of a request that was held.
package struct HeldReply<Reply: Sendable>: Sendable {
    package let token: HeldToken
    package let reply: Reply

    package init(_ token: HeldToken, _ reply: Reply) {
        self.token = token
        self.reply = reply
    }
}

extension HeldReply: Equatable where Reply: Equatable {}

/// The producer whose transaction a coordinator's records belong to.
package struct TransactionalProducer: Hashable, Sendable {
    package var id: Int64
    package var epoch: Int16

    package init(id: Int64, epoch: Int16) {
        self.id = id
        self.epoch = epoch
    }
}

/// What a coordinator decided on one input: records to write and replay, and the answers to give once they are
/// committed.
package struct CoordinatorResult<Answer: Sendable, Reply: Sendable>: Sendable {
    package var records: [CoordinatorRecord] = []
    /// Records that count only when this producer's transaction commits.
    package var producer: TransactionalProducer?
    /// Whether the records must be written together or not at all. Otherwise they may be spread over several batches,
    /// as fits thousands of tombstones.
    package var isAtomic = true
    /// The group or transactional id whose decision waits for the write; told to `writeFailed` if it fails.
    package var subject: String?
    /// The answer to the input itself.
    package var answer: Answer
    /// Answers of requests that were held: earlier ones, and this one if it had a token.
    package var replies: [HeldReply<Reply>] = []

    package init(
        answer: Answer,
        records: [CoordinatorRecord] = [],
        subject: String? = nil,
        replies: [HeldReply<Reply>] = []
    ) {
        self.answer = answer
        self.records = records
        self.subject = subject
        self.replies = replies
    }
}

extension CoordinatorResult {
    /// The same decision with another answer.
    package func map<Other>(_ change: (Answer) -> Other) -> CoordinatorResult<Other, Reply> {
        var other = CoordinatorResult<Other, Reply>(
            answer: change(answer),
            records: records,
            subject: subject,
            replies: replies
        )
        other.producer = producer
        other.isAtomic = isAtomic
        return other
    }
}

extension CoordinatorResult where Answer == Void {
    package init(
        records: [CoordinatorRecord] = [],
        subject: String? = nil,
        replies: [HeldReply<Reply>] = []
    ) {
        self.init(answer: (), records: records, subject: subject, replies: replies)
    }
}

/// Why a coordinator does not do what it is asked: the code for the client, and words if there is more to say.
package struct CoordinatorError: Error, Equatable, Sendable {
    package let code: ErrorCode
    package let message: String?

    package init(_ code: ErrorCode, _ message: String? = nil) {
        self.code = code
        self.message = message
    }
}

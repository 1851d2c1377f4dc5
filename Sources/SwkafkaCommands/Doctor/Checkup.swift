/// What one step of an examination found.
struct Checkup: Equatable, Sendable {
    enum Verdict: String, Sendable {
        case ok
        /// Not as it should be, but clients can work.
        case warning
        case failure
    }

    /// What was tried, in a few words.
    var step: String
    /// On whom: an address or a broker.
    var subject: String
    var verdict = Verdict.ok
    /// What was seen.
    var detail: String
    /// How long it took; nil where time says nothing.
    var elapsed: Duration?
    /// One sentence that says what is wrong; nil when nothing is.
    var diagnosis: String?
    /// What to change; nil when nothing is known.
    var remedy: String?

    /// A step that ended as it should.
    static func good(_ step: String, _ subject: String, _ detail: String, _ elapsed: Duration? = nil) -> Checkup {
        Checkup(step: step, subject: subject, detail: detail, elapsed: elapsed)
    }

    /// A step that did not.
    static func bad(
        _ step: String,
        _ subject: String,
        _ detail: String,
        _ diagnosis: Diagnosis,
        _ verdict: Verdict = .failure
    ) -> Checkup {
        Checkup(
            step: step,
            subject: subject,
            verdict: verdict,
            detail: detail,
            diagnosis: diagnosis.sentence,
            remedy: diagnosis.remedy
        )
    }
}

/// A fault in words.
struct Diagnosis: Equatable, Sendable {
    /// What is wrong, in one sentence.
    var sentence: String
    /// The line to change, or what to look at.
    var remedy: String

    init(_ sentence: String, remedy: String) {
        self.sentence = sentence
        self.remedy = remedy
    }
}

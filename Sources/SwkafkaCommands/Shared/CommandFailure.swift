/// A failure told to the user: what failed, on what, why, and what may help.
struct CommandFailure: Error, Equatable {
    /// One sentence without a final line feed: what failed, on what, and why.
    var message: String
    /// What to try next, if anything sensible is known.
    var hint: String?
    var status: ExitStatus

    init(_ message: String, hint: String? = nil, status: ExitStatus = .failure) {
        self.message = message
        self.hint = hint
        self.status = status
    }

    /// The lines for standard error.
    var text: String {
        guard let hint else { return message + "\n" }
        return message + "\n" + hint + "\n"
    }
}

import Glibc

/// `swkafka __complete …`, as shells call it: an answer in 150 ms, come what may.
enum CompletionMain {
    static let word = "__complete"
    static let refreshWord = "__complete-refresh"

    /// Ends the process when time is up, wherever it is: no shell shall ever wait for a network or a disk.
    private static let budgetMs = 140
    /// How long a fresh picture of the cluster is waited for.
    private static let patienceMs: Int64 = 100

    /// - Parameter arguments: from `__complete` on.
    static func run(_ arguments: [String], in context: CommandContext) -> ExitStatus {
        limitTime()
        let startMs = wallClockMs()
        guard let request = CompletionRequest(arguments) else { return .usage }
        let cache = CompletionCache(context)
        let engine = CompletionEngine(
            cluster: { words in cache.snapshot(for: words, untilMs: startMs + patienceMs) },
            profiles: { (try? SettingsStore(context).userFile().file.sections) ?? [] }
        )
        let lines = request.lines(engine.complete(request.words), withMeanings: arguments[1] != "bash")
        try? context.output.write(lines.map { $0 + "\n" }.joined())
        try? context.output.flush()
        return .success
    }

    private static func limitTime() {
        signal(SIGALRM) { _ in _exit(0) }
        var timer = itimerval()
        timer.it_value.tv_usec = budgetMs * 1000
        setitimer(__itimer_which_t(ITIMER_REAL.rawValue), &timer, nil)
    }
}

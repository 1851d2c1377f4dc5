import Glibc

/// `swkafka __complete …`, as shells call it: an answer in 150 ms, come what may.
enum CompletionMain {
    static let word = "__complete"
    static let refreshWord = "__complete-refresh"

    /// Ends the process when time is up, wherever it is: no shell shall ever wait for a network or a disk.
    private static let usualBudgetMs = 140
    /// What is kept of it for the answer when the cluster is waited for.
    private static let reserveMs = 40

    /// - Parameter arguments: from `__complete` on.
    static func run(_ arguments: [String], in context: CommandContext) -> ExitStatus {
        // Machines that are slow, or have much to do, may be given more.
        let budgetMs = getenv("SWKAFKA_COMPLETION_MS").flatMap { Int(String(cString: $0)) } ?? usualBudgetMs
        limitTime(ms: min(max(budgetMs, 1), 60_000))
        let deadline = wallClockMs() + Int64(max(0, budgetMs - reserveMs))
        guard let request = CompletionRequest(arguments) else { return .usage }
        let cache = CompletionCache(context)
        let engine = CompletionEngine(
            cluster: { words in cache.snapshot(for: words, untilMs: deadline) },
            profiles: { (try? SettingsStore(context).userFile().file.sections) ?? [] }
        )
        let lines = request.lines(engine.complete(request.words), withMeanings: arguments[1] != "bash")
        try? context.output.write(lines.map { $0 + "\n" }.joined())
        try? context.output.flush()
        return .success
    }

    private static func limitTime(ms: Int) {
        signal(SIGALRM) { _ in _exit(0) }
        var timer = itimerval()
        timer.it_value = timeval(tv_sec: ms / 1000, tv_usec: ms % 1000 * 1000)
        setitimer(__itimer_which_t(ITIMER_REAL.rawValue), &timer, nil)
    }
}

/// How far long work has come, on one line of the terminal that is written over and wiped at the end.
///
/// Nothing is said unless standard error is a terminal, and nothing in the first second.
struct ProgressLine: Sendable {
    private let errors: any ByteSink
    private let nowMs: @Sendable () -> Int64
    private let isOn: Bool
    private let verb: String
    private let startMs: Int64
    private var shownMs: Int64
    private var isShown = false

    private static let delayMs: Int64 = 1000
    private static let pauseMs: Int64 = 250

    /// - Parameters:
    ///   - verb: what is done, as in "read".
    ///   - isWanted: false when records stand on the same terminal.
    init(_ context: CommandContext, verb: String, isWanted: Bool) {
        errors = context.errors
        nowMs = context.nowMs
        self.verb = verb
        isOn = isWanted && context.errorsAreTerminal
        startMs = isOn ? context.nowMs() : 0
        shownMs = startMs
    }

    /// - Parameters:
    ///   - fraction: of the whole, if that is known.
    mutating func update(records: Int, bytes: Int, fraction: Double? = nil) {
        guard isOn else { return }
        let nowMs = nowMs()
        guard nowMs - startMs >= Self.delayMs, !isShown || nowMs - shownMs >= Self.pauseMs else { return }
        shownMs = nowMs
        isShown = true
        let text = Self.text(verb, records: records, bytes: bytes, elapsedMs: nowMs - startMs, fraction: fraction)
        write("\r\u{1B}[K" + text)
    }

    mutating func end() {
        if isShown { write("\r\u{1B}[K") }
        isShown = false
    }

    private func write(_ text: String) { text.withBytes { try? errors.write($0) } }

    static func text(_ verb: String, records: Int, bytes: Int, elapsedMs: Int64, fraction: Double?) -> String {
        let seconds = Double(max(1, elapsedMs)) / 1000
        let rate = FixedPoint.text(Double(records) / seconds, places: 0)
        let speed = ByteCount.text(Int64(Double(bytes) / seconds))
        let part = fraction.map { "\(FixedPoint.text(min(1, $0) * 100, places: 0)) %, " } ?? ""
        return "\(verb) \(records) records, \(part)\(ByteCount.text(Int64(bytes))) in \(elapsedMs / 1000) s "
            + "(\(rate) records/s, \(speed)/s)"
    }
}

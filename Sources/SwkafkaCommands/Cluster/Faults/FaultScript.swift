import KafkaBroker

/// What is to be done to a cluster and when, as a person wrote it: see swkafka-cluster-play(1) for the format.
struct FaultScript: Equatable, Sendable {
    /// Something that chance brings again and again.
    struct Storm: Equatable, Sendable {
        var everyMs: Int64
        var kinds: [Kind]
        /// How long each lasts, as chance has it.
        var forMs: ClosedRange<Int64>
    }

    /// What chance may bring.
    enum Kind: String, CaseIterable, Sendable {
        /// A broker is killed, and started again.
        case kill
        /// A broker stands still.
        case pause
        /// A broker is cut off from others, or from the controller.
        case cut
        /// A broker is slow.
        case slow
        /// A broker's disk is full.
        case diskFull = "disk-full"
        /// A broker is stopped in an orderly way and started again.
        case restart
    }

    struct Line: Equatable, Sendable {
        var atMs: Int64
        var action: ClusterAction
    }

    var seed: UInt64?
    var lines: [Line] = []
    var storms: [Storm] = []
    /// When the script is over; nil: with its last line.
    var untilMs: Int64?

    /// Whether it says itself when it is over.
    var hasEnd: Bool { untilMs != nil || (storms.isEmpty && !lines.isEmpty) }

    static let longestMs: Int64 = 24 * 3_600_000

    init() {}

    /// - Throws: with the number of the line that is wrong.
    init(text: String) throws(FaultSyntaxError) {
        for (index, raw) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let line = raw.prefix { $0 != "#" }
            let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" || $0 == "\r" }).map(String.init)
            guard !words.isEmpty else { continue }
            do throws(FaultSyntaxError) {
                try take(words)
            } catch {
                throw FaultSyntaxError("line \(index + 1): \(error)")
            }
        }
    }

    private mutating func take(_ words: [String]) throws(FaultSyntaxError) {
        let rest = Array(words.dropFirst())
        switch words[0] {
        case "seed":
            guard rest.count == 1, let seed = UInt64(rest[0]) else {
                throw FaultSyntaxError("seed needs a number, such as 7")
            }
            self.seed = seed
        case "until":
            guard rest.count == 1 else { throw FaultSyntaxError("until needs a time, such as 30s") }
            untilMs = try Self.time(rest[0])
        case "every": storms.append(try Self.storm(rest))
        default:
            let atMs = try Self.time(words[0])
            for action in try ClusterAction.parse(rest) { lines.append(Line(atMs: atMs, action: action)) }
        }
    }

    /// `3s random kill,pause for 1s`, or `for 1s-4s`
    private static func storm(_ words: [String]) throws(FaultSyntaxError) -> Storm {
        guard words.count == 5, words[1] == "random", words[3] == "for" else {
            throw FaultSyntaxError("every needs the form: every 3s random kill,pause,cut,slow for 1s")
        }
        let storm = Storm(
            everyMs: try time(words[0]),
            kinds: try kinds(words[2]),
            forMs: try span(words[4])
        )
        guard storm.everyMs >= 100 else { throw FaultSyntaxError("every \(words[0]) is too often: 100ms is the least") }
        return storm
    }

    /// One time, or two with a dash between them.
    private static func span(_ text: String) throws(FaultSyntaxError) -> ClosedRange<Int64> {
        let parts = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let first = try time(parts[0])
        let last = parts.count > 1 ? try time(parts[1]) : first
        guard first <= last else { throw FaultSyntaxError("'\(text)' ends before it begins") }
        return first...last
    }

    static func kinds(_ text: String) throws(FaultSyntaxError) -> [Kind] {
        var kinds: [Kind] = []
        for word in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let kind = Kind(rawValue: String(word)) else {
                let all = Kind.allCases.map(\.rawValue).joined(separator: ", ")
                throw FaultSyntaxError("'\(word)' cannot come at random: there are \(all)")
            }
            kinds.append(kind)
        }
        return kinds
    }

    static func time(_ text: String) throws(FaultSyntaxError) -> Int64 {
        guard let span = BrokerTime.parseSpan(text), span <= longestMs else {
            throw FaultSyntaxError("'\(text)' is no time: give one such as 5s, 1m30s or 250ms, of at most a day")
        }
        return span
    }
}

import CReadline
import Glibc
import Synchronization

/// The tab key in the shell. Readline calls a plain C function, so what that needs stands here; there is one shell.
enum ShellCompletion {
    /// How long a press of the key may wait for the cluster.
    static let patienceMs: Int64 = 100

    private struct State {
        var engine: CompletionEngine
        var shellWords: [String]
    }

    /// `@unchecked Sendable`: set before the first line is read, by the thread that reads them, and used by it alone.
    private final class Holder: @unchecked Sendable {
        var state: State?
    }

    private static let holder = Holder()

    static func install(_ engine: CompletionEngine, shellWords: [String]) {
        holder.state = State(engine: engine, shellWords: shellWords)
    }

    /// To be called for each editor, which sets the key to insert itself.
    static func enable() {
        swkafka_readline_complete { _, _, end in ShellCompletion.matches(end) }
    }

    /// The matches for the word that ends at `end`, as readline wants them: what they have in common, then each.
    private static func matches(_ end: CInt) -> UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? {
        guard let state = holder.state else { return nil }
        let line = String(
            decoding: Array(UnsafeRawBufferPointer(start: swkafka_readline_line(), count: Int(end))),
            as: UTF8.self
        )
        let words = ShellWords.last(of: line).words
        let answer = complete(words, isPipe: ShellWords(line).rest.contains("|"), state)
        guard case .candidates(let candidates) = answer else {
            swkafka_readline_matched(1, 1)
            return nil
        }
        let texts = candidates.map(\.text)
        swkafka_readline_matched(0, texts.count == 1 && texts[0].hasSuffix("=") ? 0 : 1)
        guard let first = texts.first else { return nil }
        let common = texts.dropFirst().reduce(first) { $0.commonPrefix(with: $1) }
        let all = texts.count == 1 ? [common] : [common] + texts
        let list = calloc(all.count + 1, MemoryLayout<UnsafeMutablePointer<CChar>?>.stride)?
            .assumingMemoryBound(to: UnsafeMutablePointer<CChar>?.self)
        guard let list else { return nil }
        for (index, text) in all.enumerated() { list[index] = strdup(text) }
        return list
    }

    private static func complete(_ words: [String], isPipe: Bool, _ state: State) -> CompletionEngine.Answer {
        // Other programs' words are theirs.
        if isPipe { return .files }
        if words.first == "use", words.count == 2 {
            let topics = state.engine.cluster([]).topics
            return .candidates(topics.filter { $0.hasPrefix(words[1]) }.map { .init(text: $0) })
        }
        let answer = state.engine.complete(words)
        guard words.count == 1, case .candidates(let candidates) = answer else { return answer }
        return .candidates(candidates + state.shellWords.filter { $0.hasPrefix(words[0]) }.map { .init(text: $0) })
    }
}

extension String {
    /// What two words begin with alike, without Foundation.
    func commonPrefix(with other: String) -> String {
        String(zip(self, other).prefix { $0 == $1 }.map(\.0))
    }
}

import Testing

@testable import SwkafkaCommands

@Suite struct ShellLineTests {
    private func line(_ text: String, topic: String? = nil) -> ShellLine {
        ShellLine(text, commands: ["topics", "console-consumer", "configs"], topic: topic)
    }

    @Test func words() {
        func words(_ text: String) -> [String] { ShellWords(text).words }
        #expect(words("a 'b c' d\\ e \"f\\\"\\g\"") == ["a", "b c", "d e", "f\"\\g"])
        #expect(words("a ") == ["a", ""])
        #expect(words("") == [""])
        #expect(words("'' x") == ["", "x"])
        #expect(words("a 'b") == ["a", "b"] && ShellWords("a 'b").isOpen)
        let piped = ShellWords("topics --topic 'a|b' | grep x > y")
        #expect(piped.words == ["topics", "--topic", "a|b", ""] && piped.rest == "| grep x > y")
        #expect(ShellWords.last(of: "a | b; c d").words == ["c", "d"])
        for word in ["a", "", "it's", "a b", "$x", "ü", "a|b"] { #expect(words(ShellWords.quoted(word)) == [word]) }
    }

    @Test func kinds() {
        #expect(line("  ") == .nothing && line("# x") == .nothing)
        #expect(line("!ls -l | wc") == .system("ls -l | wc"))
        #expect(line("use orders ") == .use("orders") && line("use") == .use(nil))
        #expect(line("exit") == .exit && line("quit") == .exit && line("help") == .help)
        #expect(line("topisc --list") == .unknown("topisc"))
        #expect(line("topics --list | grep 'a b'") == .command(text: "topics --list ", added: [], rest: "| grep 'a b'"))
        #expect(line("swkafka topics --list") == .command(text: "topics --list", added: [], rest: ""))
        #expect(line("help topics") == .command(text: "help topics", added: [], rest: ""))
    }

    /// The topic in use is added where one is read, and nowhere where one would be changed.
    @Test func topics() {
        func added(_ text: String) -> [String]? {
            if case .command(_, let added, _) = line(text, topic: "t") { added } else { nil }
        }
        #expect(added("console-consumer --tail 5 | head") == ["--topic", "t"])
        #expect(added("console-consumer --topic=u") == [] && added("console-consumer --include u") == [])
        #expect(added("topics --describe") == ["--topic", "t"] && added("topics --delete") == [])
        #expect(added("topics --list") == [] && added("configs --alter") == [])
        #expect(added("console-consumer --help") == [])
    }
}

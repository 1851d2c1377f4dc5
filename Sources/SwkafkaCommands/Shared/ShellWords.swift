/// A command line taken apart as a POSIX shell does it, as far as one can without running anything: blanks, quotes and
/// backslashes. Variables and patterns stay as they are.
struct ShellWords: Equatable, Sendable {
    /// The words before the first sign that means something to a shell; the last one is empty when a blank stands before
    /// the end, so that it is always the one being typed.
    var words: [String] = []
    /// The text of these words as it was typed.
    var text: Substring = ""
    /// What follows, from the first `|`, `<`, `>`, `&` or `;` on.
    var rest: Substring = ""
    /// Whether a quote is still open at the end.
    var isOpen = false

    private static let signs = Set<Character>("|<>&;")

    init(_ line: String) {
        var word = ""
        var hasWord = false
        var quote: Character?
        var index = line.startIndex
        scan: while index < line.endIndex {
            let character = line[index]
            if let open = quote {
                if character == open {
                    quote = nil
                } else if open == "\"", character == "\\", let next = Self.escaped(line, index) {
                    index = line.index(after: index)
                    word.append(next)
                } else {
                    word.append(character)
                }
            } else {
                switch character {
                case "'", "\"":
                    quote = character
                    hasWord = true
                case "\\":
                    hasWord = true
                    let next = line.index(after: index)
                    guard next < line.endIndex else { break }
                    word.append(line[next])
                    index = next
                case " ", "\t", "\n":
                    if hasWord { words.append(word) }
                    (word, hasWord) = ("", false)
                case _ where Self.signs.contains(character): break scan
                default:
                    word.append(character)
                    hasWord = true
                }
            }
            index = line.index(after: index)
        }
        words.append(word)
        text = line[..<index]
        rest = line[index...]
        isOpen = quote != nil
    }

    /// In double quotes a backslash protects only these.
    private static func escaped(_ line: String, _ index: String.Index) -> Character? {
        let next = line.index(after: index)
        guard next < line.endIndex, "\"\\$`".contains(line[next]) else { return nil }
        return line[next]
    }

    /// A word as it has to be typed.
    static func quoted(_ word: String) -> String {
        let isPlain =
            !word.isEmpty
            && word.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."),
                    UInt8(ascii: "/"), UInt8(ascii: ":"), UInt8(ascii: "="), UInt8(ascii: ","), UInt8(ascii: "@"),
                    UInt8(ascii: "%"), UInt8(ascii: "+"):
                    true
                default: byte >= 0x80
                }
            }
        guard !isPlain else { return word }
        return "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }
}

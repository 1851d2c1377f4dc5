import Glibc

/// Times of day as Java's `SimpleDateFormat` writes them, for the numeric letters: y, M (two at most), d, H, k, m, s, S.
struct JavaDateFormat: Equatable, Sendable {
    private enum Part: Equatable {
        case literal(String)
        case field(Character, width: Int)
    }

    private let parts: [Part]

    /// - Throws: a usage failure for a letter that is not known here, or a quote that is never closed.
    init(_ pattern: String) throws(CommandFailure) {
        var parts: [Part] = []
        var rest = Array(pattern)[...]
        while let first = rest.first {
            if first == "'" {
                rest.removeFirst()
                guard let end = rest.firstIndex(of: "'") else {
                    throw CommandFailure("The date format '\(pattern)' has a quote without its end.", status: .usage)
                }
                parts.append(.literal(end == rest.startIndex ? "'" : String(rest[..<end])))
                rest = rest[(end + 1)...]
            } else if first.isASCII, first.isLetter {
                let run = rest.prefix { $0 == first }
                guard "yMdHkmsS".contains(first), first != "M" || run.count <= 2 else {
                    throw CommandFailure(
                        "The date format '\(pattern)' has '\(String(run))', which is not known here: use yyyy, MM, dd, HH, "
                            + "mm, ss and SSS.",
                        status: .usage
                    )
                }
                parts.append(.field(first, width: run.count))
                rest = rest.dropFirst(run.count)
            } else {
                parts.append(.literal(String(first)))
                rest.removeFirst()
            }
        }
        self.parts = parts
    }

    /// - Parameter milliseconds: since 1970; shown in the zone of the process.
    func text(_ milliseconds: Int64) -> String {
        let (seconds, rest) = milliseconds.quotientAndRemainder(dividingBy: 1000)
        var time = time_t(rest < 0 ? seconds - 1 : seconds)
        var local = tm()
        localtime_r(&time, &local)
        return parts.map { part in
            switch part {
            case .literal(let text): text
            case .field(let letter, let width): Self.field(letter, width, local, Int(rest < 0 ? rest + 1000 : rest))
            }
        }.joined()
    }

    private static func field(_ letter: Character, _ width: Int, _ time: tm, _ milliseconds: Int) -> String {
        let number: Int
        switch letter {
        case "y":
            let year = Int(time.tm_year) + 1900
            number = width == 2 ? year % 100 : year
        case "M": number = Int(time.tm_mon) + 1
        case "d": number = Int(time.tm_mday)
        case "H": number = Int(time.tm_hour)
        case "k": number = time.tm_hour == 0 ? 24 : Int(time.tm_hour)
        case "m": number = Int(time.tm_min)
        case "s": number = Int(time.tm_sec)
        default: number = milliseconds
        }
        let text = String(number)
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }
}

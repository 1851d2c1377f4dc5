/// Times as people write and read them: ISO 8601 in UTC, or `@` and milliseconds since 1970.
package enum BrokerTime {
    /// The last millisecond of the year 9999.
    package static let latestMs: Int64 = 253_402_300_799_999

    /// `2026-01-31`, `2026-01-31T12:00`, `…:30`, `….250`, each with `Z`, `+01:00` or nothing (UTC); `@1769860800000`.
    /// nil when it is none of these or lies before 1970 or after 9999.
    package static func parse(_ text: some StringProtocol) -> Int64? {
        if text.first == "@" {
            let digits = text.dropFirst()
            guard digits.allSatisfy(\.isWholeNumber), let milliseconds = Int64(digits), milliseconds <= latestMs else {
                return nil
            }
            return milliseconds
        }
        var scanner = Scanner(rest: Array(text.utf8)[...])
        guard let day = scanner.date() else { return nil }
        var milliseconds = day * 86_400_000
        if scanner.skip("T") || scanner.skip(" ") {
            guard let time = scanner.time() else { return nil }
            milliseconds += time
        }
        guard let zone = scanner.zone(), scanner.rest.isEmpty else { return nil }
        milliseconds -= zone
        return (0...latestMs).contains(milliseconds) ? milliseconds : nil
    }

    /// `2026-01-31T12:00:00.000Z`.
    package static func format(_ milliseconds: Int64) -> String {
        let inDay = Int(milliseconds % 86_400_000)
        let (year, month, day) = civil(daysSince1970: Int(milliseconds / 86_400_000))
        let date = "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
        let time = [inDay / 3_600_000, inDay / 60_000 % 60, inDay / 1000 % 60].map { padded($0, 2) }
        return "\(date)T\(time.joined(separator: ":")).\(padded(inDay % 1000, 3))Z"
    }

    /// `8d`, `1d12h`, `90m`, `30s`, `500ms`, `2w` in milliseconds; nil for anything else and for what is too long.
    package static func parseSpan(_ text: some StringProtocol) -> Int64? {
        var rest = Array(text.utf8)[...]
        guard !rest.isEmpty else { return nil }
        var total: Int64 = 0
        while !rest.isEmpty {
            let digits = rest.prefix { (0x30...0x39).contains($0) }
            rest = rest.dropFirst(digits.count)
            let letters = rest.prefix { !(0x30...0x39).contains($0) }
            rest = rest.dropFirst(letters.count)
            guard let count = Int64(String(decoding: digits, as: UTF8.self)),
                let unit = units[String(decoding: letters, as: UTF8.self)], count <= latestMs / unit
            else { return nil }
            total += count * unit
            guard total <= latestMs else { return nil }
        }
        return total
    }

    private static let units: [String: Int64] = [
        "ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 7 * 86_400_000,
    ]

    private static func padded(_ number: Int, _ width: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }

    // MARK: The calendar

    /// Days from 1 January 1970 to a date of the Gregorian calendar. Years are counted from March, so that the leap day
    /// is the last of its year.
    fileprivate static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let shifted = month > 2 ? year : year - 1
        let monthFromMarch = (month + 9) % 12
        let dayOfYear = (153 * monthFromMarch + 2) / 5 + day - 1
        return shifted * 365 + shifted / 4 - shifted / 100 + shifted / 400 + dayOfYear - 719_468
    }

    private static func civil(daysSince1970: Int) -> (year: Int, month: Int, day: Int) {
        var year = 1970 + daysSince1970 / 366
        while days(year + 1, 1, 1) <= daysSince1970 { year += 1 }
        var month = 12
        while days(year, month, 1) > daysSince1970 { month -= 1 }
        return (year, month, daysSince1970 - days(year, month, 1) + 1)
    }

    private struct Scanner {
        var rest: ArraySlice<UInt8>

        mutating func skip(_ character: Unicode.Scalar) -> Bool {
            guard rest.first == UInt8(ascii: character) else { return false }
            rest.removeFirst()
            return true
        }

        mutating func number(digits: Int) -> Int? {
            let word = rest.prefix(digits)
            guard word.count == digits, word.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
            rest.removeFirst(digits)
            return word.reduce(0) { $0 * 10 + Int($1 - 0x30) }
        }

        /// In days since 1970.
        mutating func date() -> Int64? {
            guard let year = number(digits: 4), skip("-"), let month = number(digits: 2), skip("-"),
                let day = number(digits: 2), (1...12).contains(month), day >= 1
            else { return nil }
            let first = BrokerTime.days(year, month, 1)
            let next = month == 12 ? BrokerTime.days(year + 1, 1, 1) : BrokerTime.days(year, month + 1, 1)
            return day <= next - first ? Int64(first + day - 1) : nil
        }

        /// In milliseconds of the day.
        mutating func time() -> Int64? {
            guard let hour = number(digits: 2), hour < 24, skip(":"), let minute = number(digits: 2), minute < 60
            else { return nil }
            var milliseconds = Int64(hour * 60 + minute) * 60_000
            guard skip(":") else { return milliseconds }
            guard let second = number(digits: 2), second < 60 else { return nil }
            milliseconds += Int64(second) * 1000
            guard skip(".") else { return milliseconds }
            let digits = rest.prefix { (0x30...0x39).contains($0) }
            guard (1...9).contains(digits.count) else { return nil }
            rest.removeFirst(digits.count)
            let thousandths = (Array(digits) + [0x30, 0x30]).prefix(3)
            return milliseconds + thousandths.reduce(0) { $0 * 10 + Int64($1 - 0x30) }
        }

        /// In milliseconds ahead of UTC.
        mutating func zone() -> Int64? {
            if rest.isEmpty || skip("Z") { return 0 }
            let isBehind = skip("-")
            guard isBehind || skip("+"), let hours = number(digits: 2), hours < 24 else { return nil }
            _ = skip(":")
            guard let minutes = number(digits: 2), minutes < 60 else { return nil }
            let milliseconds = Int64(hours * 60 + minutes) * 60_000
            return isBehind ? -milliseconds : milliseconds
        }
    }
}

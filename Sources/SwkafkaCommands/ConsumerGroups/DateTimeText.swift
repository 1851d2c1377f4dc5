/// Times as `--to-datetime` takes them: `2026-01-31T12:00:00.000`, in UTC, or with a zone `Z`, `+01`, `+0100` or `+01:00`.
enum DateTimeText {
    /// Milliseconds since 1970.
    static func parse(_ text: String) throws(CommandFailure) -> Int64 {
        guard text.contains("T") else {
            throw failure(text, "there must be a 'T' between date and time, as in 2026-01-31T12:00:00.000")
        }
        var digits = Digits(text)
        guard let year = digits.number(4), digits.skip("-"), let month = digits.number(2), digits.skip("-"),
            let day = digits.number(2), digits.skip("T"), let hour = digits.number(2), digits.skip(":"),
            let minute = digits.number(2), digits.skip(":"), let second = digits.number(2), digits.skip("."),
            let millisecond = digits.number(3), let offset = zone(&digits), digits.isAtEnd
        else {
            throw failure(text, "give it as 2026-01-31T12:00:00.000, with Z, +01 or +01:00 after it if it is not UTC")
        }
        guard (1...12).contains(month), (1...days(inMonth: month, of: year)).contains(day), hour < 24, minute < 60,
            second < 60
        else { throw failure(text, "there is no such day or time") }
        let days = daysSince1970(year, month, day)
        let seconds = ((days * 24 + hour) * 60 + minute) * 60 + second - offset
        return Int64(seconds) * 1000 + Int64(millisecond)
    }

    private static func failure(_ text: String, _ reason: String) -> CommandFailure {
        ConsumerGroupsRunner.failure("'\(text)' is no time: \(reason).")
    }

    /// Seconds east of UTC; nil for no zone that is known here.
    private static func zone(_ digits: inout Digits) -> Int? {
        if digits.isAtEnd || digits.skip("Z") { return 0 }
        let sign = digits.skip("+") ? 1 : digits.skip("-") ? -1 : 0
        guard sign != 0, let hours = digits.number(2), hours < 24 else { return nil }
        guard !digits.isAtEnd else { return sign * hours * 3600 }
        _ = digits.skip(":")
        guard let minutes = digits.number(2), minutes < 60 else { return nil }
        return sign * (hours * 60 + minutes) * 60
    }

    private static func isLeap(_ year: Int) -> Bool {
        year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    }

    private static func days(inMonth month: Int, of year: Int) -> Int {
        month == 2 ? (isLeap(year) ? 29 : 28) : [4, 6, 9, 11].contains(month) ? 30 : 31
    }

    /// Of the Gregorian calendar, also before it was in use. Years are counted from March, so that the leap day is the
    /// last of its year.
    private static func daysSince1970(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let years = month > 2 ? year : year - 1
        let months = (month + 9) % 12
        let leapDays = floorDivide(years, 4) - floorDivide(years, 100) + floorDivide(years, 400)
        return years * 365 + leapDays + (months * 153 + 2) / 5 + day - 1 - 719_468
    }

    private static func floorDivide(_ number: Int, _ divisor: Int) -> Int {
        number >= 0 ? number / divisor : -((-number + divisor - 1) / divisor)
    }
}

/// Reads fixed numbers of digits.
private struct Digits {
    private var rest: Substring.UTF8View

    init(_ text: String) { rest = Substring(text).utf8 }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard rest.first == UInt8(ascii: character) else { return false }
        rest.removeFirst()
        return true
    }

    mutating func number(_ count: Int) -> Int? {
        var value = 0
        for _ in 0..<count {
            guard let byte = rest.first, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            value = value * 10 + Int(byte - UInt8(ascii: "0"))
            rest.removeFirst()
        }
        return value
    }
}

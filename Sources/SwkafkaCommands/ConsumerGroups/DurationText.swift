/// Durations as `--by-duration` takes them: those of ISO 8601 with days and smaller units, such as `P1DT2H` or `PT0.5S`.
enum DurationText {
    /// Milliseconds.
    static func parse(_ text: String) throws(CommandFailure) -> Int64 {
        guard let milliseconds = milliseconds(text) else {
            throw ConsumerGroupsRunner.failure(
                "'\(text)' is no duration: give days, hours, minutes and seconds as in P1DT2H30M or PT90S."
            )
        }
        return milliseconds
    }

    private static func milliseconds(_ text: String) -> Int64? {
        var rest = Substring(text.uppercased())
        var sign: Int64 = 1
        if rest.first == "-" || rest.first == "+" {
            sign = rest.removeFirst() == "-" ? -1 : 1
        }
        guard rest.first == "P" else { return nil }
        rest.removeFirst()
        var total: Int64 = 0
        var units: [(name: Character, milliseconds: Int64)] = [("D", 86_400_000)]
        var parts = 0
        var timeParts: Int?
        while let first = rest.first {
            if first == "T" {
                guard timeParts == nil else { return nil }
                timeParts = 0
                rest.removeFirst()
                units = [("H", 3_600_000), ("M", 60_000), ("S", 1000)]
                continue
            }
            let number = rest.prefix { $0.isNumber || $0 == "." || $0 == "-" || $0 == "+" }
            rest = rest[number.endIndex...]
            guard let name = rest.first, let index = units.firstIndex(where: { $0.name == name }),
                let value = value(number, of: units[index].milliseconds, fraction: name == "S")
            else { return nil }
            rest.removeFirst()
            units.removeFirst(index + 1)
            let (sum, overflow) = total.addingReportingOverflow(value)
            guard !overflow else { return nil }
            total = sum
            parts += 1
            timeParts = timeParts.map { $0 + 1 }
        }
        guard parts > 0, timeParts != 0 else { return nil }
        let (result, overflow) = total.multipliedReportingOverflow(by: sign)
        return overflow ? nil : result
    }

    /// A number of units in milliseconds; digits beyond milliseconds are cut off.
    private static func value(_ text: Substring, of unit: Int64, fraction: Bool) -> Int64? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count <= (fraction ? 2 : 1), let whole = Int64(parts[0]) else { return nil }
        let (product, overflow) = whole.multipliedReportingOverflow(by: unit)
        guard !overflow else { return nil }
        guard parts.count == 2 else { return product }
        guard (1...9).contains(parts[1].count), parts[1].allSatisfy({ $0.isASCII && $0.isNumber }) else { return nil }
        guard let thousandths = Int64((parts[1] + "00").prefix(3)) else { return nil }
        let (sum, tooLarge) = product.addingReportingOverflow(text.first == "-" ? -thousandths : thousandths)
        return tooLarge ? nil : sum
    }
}

import ArgumentParser

/// Which records are wanted, by what stands in them.
struct ConsumerFilterOptions: ParsableArguments {
    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp("Only records whose value matches; may be repeated.", valueName: "regex")
    )
    var grep: [String] = []
    @Option(parsing: .unconditional, help: ArgumentHelp("Only records with exactly this key.", valueName: "key"))
    var key: String?
    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp("Only records with this header; may be repeated.", valueName: "name[=value]")
    )
    var header: [String] = []
    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp("Only records whose JSON value passes a test; may be repeated.", valueName: "test")
    )
    var `where`: [String] = []

    func check() throws {
        do throws(CommandFailure) {
            _ = try filter()
        } catch {
            throw ValidationError(error.message)
        }
    }

    /// nil when every record is wanted.
    func filter() throws(CommandFailure) -> RecordFilter? {
        guard !grep.isEmpty || key != nil || !header.isEmpty || !`where`.isEmpty else { return nil }
        return try RecordFilter(greps: grep, key: key, headers: header, fields: `where`)
    }
}

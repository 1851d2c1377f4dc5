import ArgumentParser

/// What to do with groups.
enum GroupsAction: String {
    case list
    case describe
    case resetOffsets = "reset-offsets"
    case delete
    case deleteOffsets = "delete-offsets"
    case validateRegex = "validate-regex"
}

/// What to do; exactly one.
struct GroupsActionOptions: ParsableArguments {
    @Flag(help: "List groups.") var list = false
    @Flag(help: "Show offsets, members or states of groups.") var describe = false
    @Flag(help: "Move groups to other offsets.") var resetOffsets = false
    @Flag(help: "Delete groups with their offsets.") var delete = false
    @Flag(help: "Delete offsets of one group.") var deleteOffsets = false
    @Flag(help: "Do it without a question, which is asked on a terminal only.") var yes = false
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Check a regular expression for subscriptions (RE2).", valueName: "regex")
    )
    var validateRegex: String?

    var chosen: [GroupsAction] {
        var chosen: [GroupsAction] = []
        if list { chosen.append(.list) }
        if describe { chosen.append(.describe) }
        if resetOffsets { chosen.append(.resetOffsets) }
        if delete { chosen.append(.delete) }
        if deleteOffsets { chosen.append(.deleteOffsets) }
        if validateRegex != nil { chosen.append(.validateRegex) }
        return chosen
    }
}

/// Which groups, and of which topics.
struct GroupsSelectionOptions: ParsableArguments {
    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp("A group; may be repeated.", valueName: "id")
    )
    var group: [String] = []
    @Flag(help: "All groups of consumers.") var allGroups = false
    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp("A topic, or some of its partitions; may be repeated.", valueName: "topic[:0,1,…]")
    )
    var topic: [String] = []
    @Flag(help: "All partitions that the group has offsets for.") var allTopics = false
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("How long each step may take.", valueName: "ms")
    )
    var timeout: Int = 5000

    // An option of old releases that asks for what is always so now.
    @Flag(help: .hidden) var newConsumer = false
}

/// What lists and descriptions show.
struct GroupsViewOptions: ParsableArguments {
    @Flag(help: "Describe offsets and lag (default).") var offsets = false
    @Flag(help: "Describe members.") var members = false
    @Option(
        defaultAsFlag: "",
        parsing: .next,
        help: ArgumentHelp(
            "Describe states; with --list show the state of each group, and only groups in the states given.",
            valueName: "state,…"
        )
    )
    var state: String?
    @Option(
        defaultAsFlag: "",
        parsing: .next,
        help: ArgumentHelp(
            "With --list show the type of each group, and only groups of the types given (classic, consumer, share).",
            valueName: "type,…"
        )
    )
    var type: String?
    @Flag(help: "Describe more: epochs and assignments.") var verbose = false
}

/// Where offsets are moved to.
struct GroupsResetOptions: ParsableArguments {
    @Flag(help: "Go to the first record.") var toEarliest = false
    @Flag(help: "Go to the end.") var toLatest = false
    @Flag(help: "Stay, and go to the end where there is no offset yet.") var toCurrent = false
    @Option(parsing: .unconditional, help: ArgumentHelp("Go to an offset.", valueName: "offset"))
    var toOffset: Int64?
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Go forward by some records, or back by a negative number.", valueName: "count")
    )
    var shiftBy: Int64?
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Go to the first record at or after a time.", valueName: "time")
    )
    var toDatetime: String?
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Go back from now by an ISO 8601 duration.", valueName: "PnDTnHnMnS")
    )
    var byDuration: String?
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Go to the offsets in a CSV file.", valueName: "file"),
        completion: .file(extensions: ["csv"])
    )
    var fromFile: String?
    @Flag(help: "Only show the new offsets (default).") var dryRun = false
    @Flag(help: "Store the new offsets.") var execute = false
    @Flag(help: "Print the new offsets as CSV.") var export = false

    /// The options given that say where to go, by name.
    var scenarios: [String] {
        var names: [String] = []
        if toOffset != nil { names.append("to-offset") }
        if toCurrent { names.append("to-current") }
        if toDatetime != nil { names.append("to-datetime") }
        if fromFile != nil { names.append("from-file") }
        if byDuration != nil { names.append("by-duration") }
        if toEarliest { names.append("to-earliest") }
        if toLatest { names.append("to-latest") }
        if shiftBy != nil { names.append("shift-by") }
        return names
    }
}

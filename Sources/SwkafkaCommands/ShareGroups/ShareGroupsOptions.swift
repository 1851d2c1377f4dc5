import ArgumentParser

/// What to do with share groups; exactly one.
struct ShareGroupsActionOptions: ParsableArguments {
    @Flag(help: "List share groups.") var list = false
    @Flag(help: "Show offsets, members or states of share groups.") var describe = false
    @Flag(help: "Move a share group to other offsets.") var resetOffsets = false
    @Flag(help: "Delete share groups.") var delete = false
    @Flag(help: "Let a share group forget topics.") var deleteOffsets = false
    @Flag(help: "Do it without a question, which is asked on a terminal only.") var yes = false

    var chosen: [GroupsAction] {
        var chosen: [GroupsAction] = []
        if list { chosen.append(.list) }
        if describe { chosen.append(.describe) }
        if resetOffsets { chosen.append(.resetOffsets) }
        if delete { chosen.append(.delete) }
        if deleteOffsets { chosen.append(.deleteOffsets) }
        return chosen
    }
}

/// Which share groups, and of which topics.
struct ShareGroupsSelectionOptions: ParsableArguments {
    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp("A share group; may be repeated.", valueName: "id")
    )
    var group: [String] = []
    @Flag(help: "All share groups.") var allGroups = false
    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp("A topic, or some of its partitions; may be repeated.", valueName: "topic[:0,1,…]")
    )
    var topic: [String] = []
    @Flag(help: "All partitions that the group has begun to read.") var allTopics = false
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("How long each step may take.", valueName: "ms")
    )
    var timeout: Int = 5000
}

/// What lists and descriptions of share groups show.
struct ShareGroupsViewOptions: ParsableArguments {
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
    @Flag(help: "Describe more: epochs.") var verbose = false
}

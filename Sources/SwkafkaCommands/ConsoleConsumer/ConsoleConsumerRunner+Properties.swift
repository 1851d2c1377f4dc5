extension ConsoleConsumerRunner {
    /// The consumer's settings: options win over `--command-property`, that over the file.
    func properties() throws(CommandFailure) -> [String: String] {
        let own = KeyValueOptions.parse(command.commandProperty + command.consumerProperty)
        var file: [String: String] = [:]
        if let path = command.configFile { file = try PropertyFiles.read(path) }
        var properties = file.merging(own) { $1 }
        try checkGroups([command.reading.group, own["group.id"], file["group.id"]].compactMap { $0 })
        if properties["client.id"] == nil { properties["client.id"] = "console-consumer" }
        if let level = command.reading.isolationLevel { properties["isolation.level"] = level }
        nameGroup(&properties)
        let reset = properties["auto.offset.reset"]
        if command.reading.fromBeginning {
            guard reset == nil || reset == "earliest" else {
                throw CommandFailure(
                    "--from-beginning contradicts auto.offset.reset=\(reset ?? ""): leave one of them out.",
                    status: .usage
                )
            }
            properties["auto.offset.reset"] = "earliest"
        }
        return properties
    }

    /// Every reader but that of one partition, and one that reads to an end without a group named, is in a group. One that
    /// nobody named has a name made up, and stores nothing unless told to.
    private func nameGroup(_ properties: inout [String: String]) {
        guard command.reading.partition == nil else { return }
        let isNamed = command.reading.group ?? properties["group.id"] != nil
        guard isNamed || !command.bounds.isUsed else { return }
        if let name = command.reading.group ?? properties["group.id"] {
            properties["group.id"] = name
        } else {
            properties["group.id"] = "console-consumer-\(Int.random(in: 0..<100_000))"
            properties["enable.auto.commit"] = properties["enable.auto.commit"] ?? "false"
        }
    }

    private func checkGroups(_ groups: [String]) throws(CommandFailure) {
        guard Set(groups).count <= 1 else {
            throw CommandFailure(
                "Group ids differ: \(Set(groups).sorted().map { "'\($0)'" }.joined(separator: ", ")). Give one.",
                status: .usage
            )
        }
        guard let group = groups.first else { return }
        if command.bounds.isRange {
            throw CommandFailure(
                "\(command.bounds.names) cannot be used with a group ('\(group)'), which begins where it stopped.",
                status: .usage
            )
        }
        if command.reading.partition != nil {
            throw CommandFailure("--partition cannot be used with a group ('\(group)').", status: .usage)
        }
    }
}

/// Prints the events of the verifiable tools: one JSON object a line, at once, its time and name first.
struct EventPrinter {
    var context: CommandContext

    func print(_ name: String, _ fields: KeyValuePairs<String, DataValue> = [:]) throws(OutputError) {
        var members = [
            DataValue.Member(name: "timestamp", value: .number(context.nowMs())),
            DataValue.Member(name: "name", value: .string(name)),
        ]
        members += fields.map { DataValue.Member(name: $0.key, value: $0.value) }
        try context.output.write(JSONText.compact(.object(members)) + "\n")
        try context.output.flush()
    }
}

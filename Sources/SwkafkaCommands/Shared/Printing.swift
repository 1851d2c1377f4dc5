extension CommandContext {
    /// Prints findings in the form asked for.
    /// - Parameters:
    ///   - text: Kafka's own text.
    ///   - table: a table; told whether to use colours.
    ///   - value: the tree for JSON, YAML and tab-separated values.
    func print(
        _ format: OutputFormat,
        text: () -> String,
        table: (_ colour: Bool) -> String,
        value: () -> DataValue
    ) throws(OutputError) {
        switch format {
        case .text: try output.write(text())
        case .table: try output.write(table(usesColour))
        // A line for each look, so that `jq` can follow.
        case .json where isWatching: try output.write(JSONText.compact(value()) + "\n")
        case .json: try output.write(JSONText.pretty(value()))
        case .yaml: try output.write((isWatching ? "---\n" : "") + YAMLText.document(value()))
        case .tsv: try output.write(TSVText.document(value()))
        }
    }
}

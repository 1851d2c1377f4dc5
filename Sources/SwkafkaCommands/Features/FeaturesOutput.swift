import KafkaClient

/// What `features describe` prints.
struct FeaturesOutput {
    let description: FeatureDescription

    private var epoch: String { description.epoch.map(String.init) ?? "-" }

    private var rows: [[String]] {
        description.features.map { feature in
            let level = { (level: Int16) in FeatureLevels.text(feature.name, level) }
            return [
                feature.name, level(feature.supported.lowerBound), level(feature.supported.upperBound),
                // Off has no release.
                feature.level == 0 ? "0" : level(feature.level), epoch,
            ]
        }
    }

    var text: String {
        let titles = ["Feature", "SupportedMinVersion", "SupportedMaxVersion", "FinalizedVersionLevel", "Epoch"]
        return rows.map { row in zip(titles, row).map { "\($0): \($1)" }.joined(separator: "\t") + "\n" }.joined()
    }

    func table(colour: Bool) -> String {
        var table = TextTable([.left("FEATURE"), .right("MIN"), .right("MAX"), .right("LEVEL"), .right("EPOCH")])
        for row in rows { table.add(row.map { TextTable.Cell($0) }) }
        return table.text(colour: colour)
    }

    var value: DataValue {
        .members([
            "epoch": .optional(description.epoch),
            "features": .array(
                description.features.map { feature in
                    .members([
                        "name": .string(feature.name), "supportedMin": .number(feature.supported.lowerBound),
                        "supportedMax": .number(feature.supported.upperBound), "level": .number(feature.level),
                    ])
                }
            ),
        ])
    }
}

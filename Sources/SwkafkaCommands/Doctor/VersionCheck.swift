import KafkaMessages
import KafkaTransport

/// Whether a broker and this client have versions in common of what every client needs.
enum VersionCheck {
    private static let needed: [APIKey] = [.metadata, .produce, .fetch, .listOffsets, .findCoordinator]

    /// One failure that names all APIs without a common version; none when there are no such.
    static func findings(_ versions: VersionTable, subject: String) -> [Checkup] {
        let apart = needed.filter { versions.highestCommon($0, within: $0.validVersions) == nil }
        guard !apart.isEmpty else { return [] }
        let list = apart.map { api in
            let theirs = versions.offered[api.rawValue].map { "\($0.lowerBound) to \($0.upperBound)" } ?? "not at all"
            let ours = api.validVersions
            return "\(api.name) (here \(ours.lowerBound) to \(ours.upperBound), there \(theirs))"
        }
        let isOld = apart.contains { api in
            versions.offered[api.rawValue].map { $0.upperBound < api.validVersions.lowerBound } ?? true
        }
        return [
            .bad(
                "versions",
                subject,
                list.joined(separator: ", "),
                Diagnosis(
                    "Broker and client have no version in common of \(apart.map(\.name).joined(separator: ", ")): the "
                        + "\(isOld ? "broker" : "client") is too old.",
                    remedy: isOld ? "Use a newer broker: Kafka 0.10 or later." : "Use a newer swkafka."
                )
            )
        ]
    }
}

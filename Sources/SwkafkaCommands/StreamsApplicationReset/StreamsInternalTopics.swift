/// The topics that Kafka Streams makes for an application.
enum StreamsInternalTopics {
    private static let endings = [
        "-changelog", "-repartition", "-subscription-registration-topic", "-subscription-response-topic",
    ]

    /// Whether a topic is one of the application's own, told by its name alone.
    static func contains(_ topic: String, of application: String) -> Bool {
        let prefix = application + "-"
        guard topic.hasPrefix(prefix) else { return false }
        return endings.contains(where: topic.hasSuffix) || isForeignKeyJoin(topic.dropFirst(prefix.count))
    }

    /// `…-KTABLE-FK-JOIN-SUBSCRIPTION-REGISTRATION-0000000003-topic`, or RESPONSE.
    private static func isForeignKeyJoin(_ name: Substring) -> Bool {
        guard name.hasSuffix("-topic") else { return false }
        let number = name.dropLast("-topic".count).split(separator: "-", omittingEmptySubsequences: false).last ?? ""
        guard !number.isEmpty, number.allSatisfy({ $0.isASCII && $0.isNumber }) else { return false }
        let stem = name.dropLast("-topic".count + number.count)
        return ["REGISTRATION-", "RESPONSE-"].contains { stem.hasSuffix("KTABLE-FK-JOIN-SUBSCRIPTION-\($0)") }
    }
}

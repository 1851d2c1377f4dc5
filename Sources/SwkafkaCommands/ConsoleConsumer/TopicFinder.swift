import KafkaClient

/// Looks whether a topic that is to be read exists, and says so if it does not.
struct TopicFinder {
    let cluster: KafkaCluster
    let context: CommandContext
    /// How long the reader waits for records; nil for ever.
    let timeout: Duration?

    /// How long a broker may take to tell of a topic, and a topic to be created.
    private static let longestLookUp: Duration = .seconds(5)

    /// Looks for the topic, which the broker may create, or somebody else. One that does not exist yet is waited for as
    /// a member of the group. False when the time was up.
    func find(_ topic: String) async throws(KafkaClientError) -> Bool {
        do throws(KafkaClientError) {
            do throws(KafkaClientError) {
                _ = try await cluster.topic(topic, deadline: .after(timeout ?? Self.longestLookUp))
            } catch {
                // The time is for records: to find a broker may take longer.
                guard error.code == .timedOut else { throw error }
                _ = try await cluster.topic(topic, deadline: .after(Self.longestLookUp))
            }
        } catch {
            guard error.code == .unknownTopic else { throw error }
            let names = (try? await KafkaAdmin(cluster: cluster).listTopics().map(\.name).sorted()) ?? []
            let nearest = NearestWord.of(topic, in: names).map { " Did you mean '\($0)'?" } ?? ""
            context.complain("\(error.message)\(nearest)\(timeout == nil ? " Waiting for it." : "")\n")
            return timeout == nil
        }
        return true
    }
}

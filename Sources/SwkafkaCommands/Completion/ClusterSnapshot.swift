import KafkaClient

/// The names of things in a cluster, as completion remembers them.
struct ClusterSnapshot: Equatable, Sendable {
    struct Broker: Equatable, Sendable {
        var id: String
        var address: String
    }

    var topics: [String] = []
    var groups: [String] = []
    var brokers: [Broker] = []
    var topicConfigs: [String] = []
    var brokerConfigs: [String] = []

    init() {}

    // MARK: In a file

    /// A line for each name: its kind, a tab, the name.
    var text: String {
        var lines = topics.map { "topic\t\($0)" } + groups.map { "group\t\($0)" }
        lines += brokers.map { "broker\t\($0.id)\t\($0.address)" }
        lines += topicConfigs.map { "topic-config\t\($0)" } + brokerConfigs.map { "broker-config\t\($0)" }
        return lines.filter { !$0.contains("\n") }.map { $0 + "\n" }.joined()
    }

    /// Lines that mean nothing are passed over: another version may have written the file.
    init(parsing text: String) {
        for line in text.split(separator: "\n") {
            let cells = line.split(separator: "\t").map(String.init)
            guard cells.count >= 2 else { continue }
            switch cells[0] {
            case "topic": topics.append(cells[1])
            case "group": groups.append(cells[1])
            case "broker": brokers.append(Broker(id: cells[1], address: cells.count > 2 ? cells[2] : ""))
            case "topic-config": topicConfigs.append(cells[1])
            case "broker-config": brokerConfigs.append(cells[1])
            default: break
            }
        }
    }

    // MARK: From a cluster

    /// Asks a cluster; what it refuses to tell stays empty.
    init(asking admin: KafkaAdmin) async throws {
        topics = try await admin.listTopics().map(\.name).sorted()
        brokers = try await admin.describeCluster().brokers.map {
            Broker(id: String($0.id), address: "\($0.address)")
        }
        groups = await Self.groups(admin)
        var resources: [ConfigResource] = []
        if let broker = brokers.first { resources.append(ConfigResource(.broker, broker.id)) }
        if let topic = topics.first { resources.append(ConfigResource(.topic, topic)) }
        guard let configs = try? await admin.describeConfigs(resources) else { return }
        for (resource, result) in configs {
            guard case .success(let entries) = result else { continue }
            let names = entries.map(\.name).sorted()
            if resource.kind == .topic { topicConfigs = names } else { brokerConfigs = names }
        }
    }

    private static func groups(_ admin: KafkaAdmin) async -> [String] {
        guard let listings = try? await admin.listGroups() else { return [] }
        let ids = listings.values.flatMap { (try? $0.get())?.map(\.id) ?? [] }
        return Set(ids).sorted()
    }
}

import ArgumentParser

/// `swkafka describe`: one look at a cluster, a topic or a broker.
struct DescribeCommand: WatchableCommand {
    static let configuration = CommandConfiguration(
        commandName: "describe",
        abstract: "Show a cluster, a topic or a broker at one look.",
        discussion: """
            Without words: the brokers and topics of the cluster, what is unhealthy first. "topic NAME" shows one topic, \
            "broker ID" one broker. Colours appear only on a terminal and not when NO_COLOR is set.

            JSON
              the cluster: {clusterId, brokers: [{broker, address, rack, controller, leads, holds, bytes}], health: \
            {offline, underMinIsr, atMinIsr, underReplicated}, topics: [{topic, topicId, internal, healthy, \
            replicationFactor, bytes, partitions: [{partition, leader, replicas, isr, offline, bytes}], configs: {…}}]}.

            a topic: {topic, topicId, internal, healthy, replicationFactor, bytes, partitions: [{partition, leader, \
            replicas, isr, offline, bytes}], configs: {…}}.

            a broker: {broker: {broker, address, rack, controller, leads, holds, bytes}, topics: [{topic, topicId, \
            internal, healthy, replicationFactor, bytes, partitions: [{partition, leader, replicas, isr, offline, \
            bytes}], configs: {…}}]}.

            EXAMPLES
              swkafka describe --bootstrap-server localhost:9092
              swkafka describe --bootstrap-server localhost:9092 topic orders
              swkafka describe --bootstrap-server localhost:9092 broker 1 --output json
            """
    )

    @OptionGroup(title: "Connection") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions
    @OptionGroup(title: "Output") var watching: WatchOptions

    @Argument(help: ArgumentHelp("topic or broker; nothing for the whole cluster.", valueName: "kind"))
    var kind: String?
    @Argument(help: ArgumentHelp("The topic's name or the broker's id.", valueName: "name"))
    var name: String?

    enum Target: Equatable {
        case cluster
        case topic(String)
        case broker(Int32)
    }

    func validate() throws { _ = try target() }

    func target() throws -> Target {
        switch kind {
        case nil: return .cluster
        case "cluster" where name == nil: return .cluster
        case "topic":
            guard let name else { throw ValidationError("describe topic: which one? Give its name.") }
            return .topic(name)
        case "broker":
            guard let name else { throw ValidationError("describe broker: which one? Give its id.") }
            guard let id = Int32(name) else {
                throw ValidationError("A broker is named by its id, a whole number, not by '\(name)'.")
            }
            return .broker(id)
        case let word?:
            let nearest = NearestWord.of(word, in: ["topic", "broker", "cluster"])
            throw ValidationError(
                "describe knows no '\(word)'. \(nearest.map { "Did you mean '\($0)'?" } ?? "Give topic NAME or broker ID.")"
            )
        }
    }

    func execute(_ context: CommandContext) async throws -> ExitStatus {
        try await DescribeRunner(command: self, context: context).run()
    }
}

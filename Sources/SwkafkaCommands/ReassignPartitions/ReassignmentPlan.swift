import KafkaClient

/// The file of `--reassignment-json-file`: which brokers, and which of their log directories, partitions go to.
struct ReassignmentPlan: Equatable {
    /// The word for "leave it where it is" in `log_dirs`.
    private static let anyDirectory = "any"

    /// In the order of the file, which may name a partition twice.
    var partitions: [(name: TopicPartition, replicas: [Int32])] = []
    /// Replicas that are to lie in a directory of somebody's choice.
    var directories: [ReplicaName: String] = [:]

    static func == (left: ReassignmentPlan, right: ReassignmentPlan) -> Bool {
        left.directories == right.directories && left.partitions.elementsEqual(right.partitions) { $0 == $1 }
    }

    /// The brokers of each partition.
    var targets: [TopicPartition: [Int32]] {
        Dictionary(partitions.map { ($0.name, $0.replicas) }) { _, last in last }
    }

    init() {}

    init(path: String) throws(CommandFailure) {
        let members = try Self.members(path, purpose: "plan")
        guard case .array(let items)? = members["partitions"] ?? .array([]) else { throw Self.failure(path) }
        for item in items {
            guard case .object(let fields) = item, case .string(let topic)? = fields["topic"],
                case .number(let text)? = fields["partition"], let number = Int32(text), number >= 0,
                case .array(let brokers)? = fields["replicas"]
            else { throw Self.failure(path) }
            let name = TopicPartition(topic: topic, partition: number)
            let replicas = try Self.numbers(brokers, path)
            partitions.append((name, replicas))
            guard case .array(let entries)? = fields["log_dirs"] else { continue }
            guard entries.count == replicas.count else {
                throw CommandFailure(
                    "Size of replicas list is different from size of log dirs list for partition \(name) in \(path)."
                )
            }
            for (broker, entry) in zip(replicas, entries) {
                guard case .string(let directory) = entry else { throw Self.failure(path) }
                if directory == Self.anyDirectory { continue }
                directories[ReplicaName(partition: name, broker: broker)] = directory
            }
        }
    }

    /// The topics of the file of `--topics-to-move-json-file`.
    static func topics(path: String) throws(CommandFailure) -> [String] {
        let members = try members(path, purpose: "list of topics")
        var topics: [String] = []
        guard case .array(let items)? = members["topics"] ?? .array([]) else { throw failure(path) }
        for item in items {
            guard case .object(let fields) = item, case .string(let topic)? = fields["topic"] else {
                throw CommandFailure("\(path) does not list topics: it must be {\"topics\":[{\"topic\":\"orders\"}]}.")
            }
            topics.append(topic)
        }
        return topics
    }

    private static func members(
        _ path: String,
        purpose: String
    ) throws(CommandFailure) -> [String: JSONDocument] {
        let bytes = try FileReading.bytes(of: path, purpose: purpose)
        let document: JSONDocument
        do throws(JSONParserError) {
            document = try JSONParser.parse(bytes)
        } catch {
            throw CommandFailure("\(path) is no JSON: \(error.reason) at byte \(error.position).")
        }
        guard case .object(let members) = document else { throw failure(path) }
        if let version = members["version"], version != .number("1") {
            throw CommandFailure("\(path) is of a version that is not known here; 1 is.")
        }
        return members
    }

    private static func numbers(_ items: [JSONDocument], _ path: String) throws(CommandFailure) -> [Int32] {
        var numbers: [Int32] = []
        for item in items {
            guard case .number(let text) = item, let number = Int32(text) else { throw failure(path) }
            numbers.append(number)
        }
        return numbers
    }

    private static func failure(_ path: String) -> CommandFailure {
        CommandFailure(
            "\(path) is no plan: it must be "
                + "{\"version\":1,\"partitions\":[{\"topic\":\"orders\",\"partition\":1,\"replicas\":[1,2]}]}."
        )
    }

    // MARK: Checks and text

    /// What must not be in a plan that is to be carried out.
    func check() throws(CommandFailure) {
        guard !partitions.isEmpty else { throw CommandFailure("Partition reassignment list cannot be empty") }
        guard partitions.allSatisfy({ !$0.replicas.isEmpty }) else {
            throw CommandFailure("Partition replica list cannot be empty")
        }
        let twice = Self.repeated(partitions.map(\.name)).sorted()
        guard twice.isEmpty else {
            throw CommandFailure("Partition reassignment contains duplicate topic partitions: \(Self.list(twice))")
        }
        let doubled = partitions.compactMap { partition -> String? in
            let brokers = Self.repeated(partition.replicas).sorted()
            return brokers.isEmpty ? nil : "\(partition.name) contains multiple entries for \(Self.list(brokers))"
        }
        guard doubled.isEmpty else {
            throw CommandFailure(
                "Partition replica lists may not contain duplicate entries: \(doubled.joined(separator: ". "))"
            )
        }
    }

    private static func repeated<Item: Hashable>(_ items: [Item]) -> [Item] {
        var seen: Set<Item> = []
        return items.filter { !seen.insert($0).inserted }
    }

    static func list(_ items: [some CustomStringConvertible]) -> String {
        items.map(\.description).joined(separator: ",")
    }

    /// An assignment in the form of such a file, on one line.
    static func json(_ assignment: [TopicPartition: [Int32]]) -> String {
        let partitions = assignment.sorted { $0.key < $1.key }.map { name, replicas -> DataValue in
            .members([
                "topic": .string(name.topic), "partition": .number(name.partition), "replicas": .numbers(replicas),
                "log_dirs": .strings(replicas.map { _ in anyDirectory }),
            ])
        }
        return JSONText.compact(.members(["version": .int(1), "partitions": .array(partitions)]))
    }
}

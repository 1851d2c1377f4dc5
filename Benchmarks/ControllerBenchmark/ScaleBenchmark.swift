import Glibc
import KafkaBroker
import KafkaMessages
import KafkaTransport
import KafkaWire
import Logging
import NIOPosix

/// Many brokers and partitions: how long the failure of one broker takes to be decided, what memory and log they cost,
/// and how long the controller takes to start again from a snapshot.
struct ScaleBenchmark {
    let folder: String
    let brokers: Int
    let partitions: Int

    private static let partitionsOfTopic = 100
    private static let topicsOfRequest = 50
    private static let replicas: Int16 = 3
    private static let logger = Logger(label: "benchmark") { _ in SwiftLogNoOpLogHandler() }

    func run() async throws {
        var epochs: [Int32: Int64] = [:]
        try await withController("first start") { connection in
            epochs = try await register(connection)
            try await create(connection)
            try await measureFailover(connection, epochs)
            say("resident memory with \(partitions) partitions: \(Self.residentMebibytes()) MiB")
            try await writeSnapshot(connection, epochs)
        }
        say(
            "metadata log: \(try size { $0.hasSuffix(".log") }) MiB; newest snapshots: "
                + "\(try size { $0.hasSuffix(".checkpoint") }) MiB"
        )
        try await withController("restart from snapshot") { connection in
            let answer = try await connection.send(
                BrokerHeartbeatRequest(brokerId: 1, brokerEpoch: epochs[1] ?? -1, currentMetadataOffset: .max / 2)
            )
            guard answer.errorCode == .none else { throw Failure(description: "the restart has lost broker 1") }
        }
    }

    // MARK: The controller

    private func withController(
        _ what: String,
        _ body: (ClientConnection) async throws -> Void
    ) async throws {
        let configuration = try BrokerConfiguration(
            properties: [
                "process.roles": "controller", "node.id": "1", "controller.listener.names": "CONTROLLER",
                "listeners": "CONTROLLER://127.0.0.1:0", "log.dirs": folder,
                "broker.session.timeout.ms": "600000",
                "metadata.log.max.record.bytes.between.snapshots": "\(2 << 20)",
            ]
        )
        let broker = Broker(configuration: configuration, logger: Self.logger)
        let began = ContinuousClock.now
        let address = try await broker.start()
        say("\(what): \(Self.milliseconds(since: began)) ms")
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await broker.run() }
            let connection = try await ClientConnection.connect(
                to: PeerAddress(host: address.host, port: address.port),
                on: MultiThreadedEventLoopGroup.singleton,
                logger: Self.logger
            )
            try await body(connection)
            connection.close()
            await broker.shutdown()
            try await group.waitForAll()
        }
    }

    // MARK: The cluster

    private func register(_ connection: ClientConnection) async throws -> [Int32: Int64] {
        let description = try await connection.send(DescribeClusterRequest(endpointType: 2))
        let began = ContinuousClock.now
        var epochs: [Int32: Int64] = [:]
        for id in Int32(1)...Int32(brokers) {
            let request = BrokerRegistrationRequest(
                brokerId: id,
                clusterId: description.clusterId,
                incarnationId: .random(),
                listeners: [.init(name: "PLAINTEXT", host: "127.0.0.1", port: 1, securityProtocol: 0)],
                rack: "rack-\(id % 5)",
                logDirs: [.random()]
            )
            let epoch = try await connection.send(request).brokerEpoch
            epochs[id] = epoch
            try await beat(id, epoch, connection)
        }
        say("\(brokers) brokers registered and unfenced: \(Self.milliseconds(since: began)) ms")
        return epochs
    }

    private func beat(
        _ id: Int32,
        _ epoch: Int64,
        wantsFence: Bool = false,
        _ connection: ClientConnection
    ) async throws {
        let request = BrokerHeartbeatRequest(
            brokerId: id,
            brokerEpoch: epoch,
            currentMetadataOffset: .max / 2,
            wantFence: wantsFence
        )
        let answer = try await connection.send(request)
        guard answer.errorCode == .none, answer.isFenced == wantsFence else {
            throw Failure(description: "heartbeat of broker \(id): \(answer)")
        }
    }

    private func create(_ connection: ClientConnection) async throws {
        let began = ContinuousClock.now
        let topics = max(1, partitions / Self.partitionsOfTopic)
        for first in stride(from: 0, to: topics, by: Self.topicsOfRequest) {
            let request = CreateTopicsRequest(
                topics: (first..<min(topics, first + Self.topicsOfRequest)).map { number in
                    .init(
                        name: "topic-\(number)",
                        numPartitions: Int32(Self.partitionsOfTopic),
                        replicationFactor: Self.replicas
                    )
                },
                timeoutMs: 60_000
            )
            let answer = try await connection.send(request, timeout: .seconds(120))
            guard answer.topics.allSatisfy({ $0.errorCode == .none }) else {
                throw Failure(description: "topics were not created")
            }
        }
        say("\(topics * Self.partitionsOfTopic) partitions created: \(Self.milliseconds(since: began)) ms")
    }

    // MARK: Failures

    /// Fences brokers in turn: the answer to the heartbeat comes when all of it is decided and on the disk.
    private func measureFailover(_ connection: ClientConnection, _ epochs: [Int32: Int64]) async throws {
        var worst = 0
        for id in Int32(1)...Int32(min(5, brokers - 2)) {
            let began = ContinuousClock.now
            try await beat(id, epochs[id] ?? -1, wantsFence: true, connection)
            let took = Self.milliseconds(since: began)
            worst = max(worst, took)
            say("failover of broker \(id): \(took) ms")
            let back = ContinuousClock.now
            try await beat(id, epochs[id] ?? -1, connection)
            say("return of broker \(id): \(Self.milliseconds(since: back)) ms")
        }
        say("slowest failover: \(worst) ms")
    }

    /// Lets the log grow until there is a snapshot of everything.
    private func writeSnapshot(_ connection: ClientConnection, _ epochs: [Int32: Int64]) async throws {
        let before = try names().filter { $0.hasSuffix(".checkpoint") }.max() ?? ""
        for round in 0..<200 {
            let id = Int32(round % brokers + 1)
            try await beat(id, epochs[id] ?? -1, wantsFence: true, connection)
            try await beat(id, epochs[id] ?? -1, connection)
            if let newest = try names().filter({ $0.hasSuffix(".checkpoint") }).max(), newest > before { return }
        }
        throw Failure(description: "no snapshot is written")
    }

    // MARK: Figures

    private var logFolder: String { "\(folder)/__cluster_metadata-0" }

    private func names() throws -> [String] {
        guard let directory = opendir(logFolder) else { throw Failure(description: "\(logFolder) is not there") }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            names.append(name)
        }
        return names
    }

    private func size(_ isCounted: (String) -> Bool) throws -> String {
        var bytes: Int64 = 0
        for name in try names() where isCounted(name) {
            var facts = stat()
            if stat("\(logFolder)/\(name)", &facts) == 0 { bytes += Int64(facts.st_size) }
        }
        return String(Double(bytes / 10_486) / 100)
    }

    private static func milliseconds(since began: ContinuousClock.Instant) -> Int {
        Int((ContinuousClock.now - began) / .milliseconds(1))
    }

    /// Of this process, controller and benchmark.
    private static func residentMebibytes() -> Int {
        guard let file = fopen("/proc/self/statm", "r") else { return 0 }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 256)
        guard fgets(&line, Int32(line.count), file) != nil else { return 0 }
        let words = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            .split(separator: " ")
        let pages = words.count > 1 ? Int(words[1]) ?? 0 : 0
        return (pages * Int(sysconf(Int32(_SC_PAGESIZE)))) >> 20
    }
}

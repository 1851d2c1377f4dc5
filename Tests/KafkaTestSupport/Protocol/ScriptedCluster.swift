package import KafkaMessages
import KafkaTransport
package import KafkaWire
import Logging
import NIOCore
import NIOPosix

/// Brokers on free ports of 127.0.0.1 that answer as a test says: for answers that no real broker gives at will.
///
/// Offered is what the script answers, in the versions that it says; ApiVersions comes by itself.
package final class ScriptedCluster: Sendable {
    /// Who was asked, in which version.
    package struct Call: Sendable {
        package var node: Int32
        package var version: Int16
        /// The ports of all nodes, by id.
        package var ports: [Int32: Int]
    }

    /// What the brokers answer.
    package struct Script: Sendable {
        fileprivate struct Answer: Sendable {
            var versions: ClosedRange<Int16>
            var encode: @Sendable (IncomingRequest, Call) async throws -> ResponseAction
        }

        fileprivate var answers: [Int16: Answer] = [:]

        package init() {}

        /// Answers a kind of request; a thrown error closes the connection.
        package mutating func answer<Request: KafkaRequest>(
            _ type: Request.Type,
            versions: ClosedRange<Int16> = Request.validVersions,
            _ body: @escaping @Sendable (Request, Call) async throws -> Request.Response
        ) {
            answers[Request.apiKey.rawValue] = Answer(versions: versions) { incoming, call in
                let response = try await body(try incoming.decode(Request.self), call)
                return .respond(try ResponseEncoder.encode(response, to: incoming))
            }
        }
    }

    /// The ports by node id, from 1.
    package let ports: [Int32: Int]

    private init(ports: [Int32: Int]) {
        self.ports = ports
    }

    /// The first node's address.
    package var address: String { "127.0.0.1:\(ports[1] ?? 0)" }

    /// Runs a number of nodes while `body` does.
    package static func with<Result: Sendable>(
        nodes count: Int = 1,
        _ script: Script,
        _ body: @Sendable (ScriptedCluster) async throws -> Result
    ) async throws -> Result {
        let executor = StorageExecutor(size: 2)
        defer { executor.shutdown() }
        let silent = Logger(label: "scripted") { _ in SwiftLogNoOpLogHandler() }
        var listeners: [(id: Int32, listener: ServerListener)] = []
        for id in 1...Int32(count) {
            let listener = try await ServerListener.bind(
                ListenerOptions(host: "127.0.0.1", port: 0),
                on: MultiThreadedEventLoopGroup.singleton,
                executor: executor,
                logger: silent
            )
            listeners.append((id, listener))
        }
        let ports = Dictionary(uniqueKeysWithValues: listeners.map { ($0.id, $0.listener.port) })
        return try await withThrowingTaskGroup(of: Void.self) { tasks in
            for (id, listener) in listeners {
                let handler = Handler(script: script, node: id, ports: ports)
                tasks.addTask { await listener.run(handler) }
            }
            let outcome: Swift.Result<Result, any Error>
            do {
                outcome = .success(try await body(ScriptedCluster(ports: ports)))
            } catch {
                outcome = .failure(error)
            }
            for (_, listener) in listeners { await listener.shutdown(grace: .seconds(5)) }
            try await tasks.waitForAll()
            return try outcome.get()
        }
    }

    private struct Handler: RequestHandler {
        let script: Script
        let node: Int32
        let ports: [Int32: Int]

        func handle(_ request: IncomingRequest) async -> ResponseAction {
            do {
                if request.isUnknownApiVersions {
                    return .respond(
                        try ResponseEncoder.unsupportedApiVersions(correlationID: request.correlationID, offered: 0...4)
                    )
                }
                if request.api == .apiVersions {
                    return .respond(try ResponseEncoder.encode(versions, to: request))
                }
                guard let answer = script.answers[request.apiKey], answer.versions.contains(request.apiVersion) else {
                    return .close
                }
                let call = Call(node: node, version: request.apiVersion, ports: ports)
                return try await answer.encode(request, call)
            } catch {
                return .close
            }
        }

        private var versions: ApiVersionsResponse {
            var response = ApiVersionsResponse()
            response.apiKeys = script.answers.sorted { $0.key < $1.key }.map { api, answer in
                ApiVersionsResponse.ApiVersion(
                    apiKey: api,
                    minVersion: answer.versions.lowerBound,
                    maxVersion: answer.versions.upperBound
                )
            }
            return response
        }
    }
}

extension ScriptedCluster.Script {
    /// Answers Metadata with all nodes and these topics, whose partitions every node has and the nodes lead in turn, and
    /// FindCoordinator with the node that `coordinator` names.
    ///
    /// - Parameters:
    ///   - topics: numbers of partitions by name.
    ///   - ids: of topics that have one.
    package mutating func answerBasics(
        topics: [String: Int],
        ids: [String: KafkaUUID] = [:],
        coordinator: @escaping @Sendable (String) -> Int32 = { _ in 1 }
    ) {
        answer(MetadataRequest.self, versions: 0...12) { request, call in
            var response = MetadataResponse()
            response.controllerId = 1
            response.clusterId = "scripted"
            response.brokers = call.ports.sorted { $0.key < $1.key }.map { id, port in
                MetadataResponse.MetadataResponseBroker(nodeId: id, host: "127.0.0.1", port: Int32(port))
            }
            let names = request.topics?.compactMap(\.name) ?? topics.keys.sorted()
            let nodes = call.ports.keys.sorted()
            response.topics = names.map { name in
                var topic = MetadataResponse.MetadataResponseTopic()
                topic.name = name
                topic.topicId = ids[name] ?? .zero
                topic.errorCode = topics[name] == nil ? .unknownTopicOrPartition : .none
                topic.partitions = (0..<(topics[name] ?? 0)).map { index in
                    var partition = MetadataResponse.MetadataResponsePartition()
                    partition.partitionIndex = Int32(index)
                    partition.leaderId = nodes[index % nodes.count]
                    partition.replicaNodes = nodes
                    partition.isrNodes = nodes
                    return partition
                }
                return topic
            }
            return response
        }
        answer(FindCoordinatorRequest.self, versions: 0...4) { request, call in
            var response = FindCoordinatorResponse()
            let keys = call.version >= 4 ? request.coordinatorKeys : [request.key]
            let found = keys.map { key in
                let node = coordinator(key)
                return FindCoordinatorResponse.Coordinator(
                    key: key,
                    nodeId: node,
                    host: "127.0.0.1",
                    port: Int32(call.ports[node] ?? 0)
                )
            }
            if call.version >= 4 {
                response.coordinators = found
            } else if let first = found.first {
                response.nodeId = first.nodeId
                response.host = first.host
                response.port = first.port
            }
            return response
        }
    }
}

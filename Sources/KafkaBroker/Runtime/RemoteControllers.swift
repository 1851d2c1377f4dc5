import KafkaCoordination
import KafkaMessages
import KafkaTransport
import Logging
import NIOCore

/// The controllers of other processes as a starting broker has found them.
struct RemoteControllers: Sendable {
    /// Whose brokers they govern.
    let clusterID: String
    /// Each has its own connection, so that no answer stands behind one that waits long.
    let forMetadata: ControllerLink
    let forHeartbeats: ControllerLink
    let forRequests: ControllerLink
    let heartbeatMs: Int64
    /// Of connections to other brokers.
    let options: ConnectionOptions
    /// When a start that is not through gives up.
    let deadline: ContinuousClock.Instant

    /// Asks the controllers that the configuration names; nil when the controller is to be part of this process.
    static func find(
        _ configuration: BrokerConfiguration,
        _ resolver: ConfigResolver,
        _ faults: NodeFaults?,
        _ group: any EventLoopGroup,
        _ logger: Logger
    ) async throws(BrokerError) -> RemoteControllers? {
        guard case .broker(let addresses) = configuration.role else { return nil }
        let integer = { (name: String, fallback: Int64) in
            resolver.brokerValue(name).flatMap { Int64($0.trimmingBlanks()) } ?? fallback
        }
        var options = ConnectionOptions(clientID: "broker-\(configuration.nodeID)")
        options.faults = faults
        options.requestTimeout = .milliseconds(integer("request.timeout.ms", 30_000))
        options.connectTimeout = .seconds(3)
        options.negotiationTimeout = .seconds(3)
        let deadline =
            ContinuousClock.now + .milliseconds(integer("initial.broker.registration.timeout.ms", 60_000))
        let link = { (patience: Duration) in
            ControllerLink(addresses, patience: patience, options: options, group: group, logger: logger)
        }
        let heartbeatMs = max(1, integer("broker.heartbeat.interval.ms", 2000))
        let forRequests = link(.seconds(10))
        return RemoteControllers(
            clusterID: try await clusterID(forRequests, before: deadline),
            forMetadata: link(.seconds(3)),
            // An answer that comes later than the next heartbeat would is as good as none.
            forHeartbeats: link(.milliseconds(max(500, heartbeatMs))),
            forRequests: forRequests,
            heartbeatMs: heartbeatMs,
            options: options,
            deadline: deadline
        )
    }

    private static func clusterID(
        _ link: ControllerLink,
        before deadline: ContinuousClock.Instant
    ) async throws(BrokerError) -> String {
        var problem = "no answer"
        let asksForControllers: Int8 = 2
        repeat {
            do {
                let request = DescribeClusterRequest(endpointType: asksForControllers)
                let response = try await link.connection().send(request, timeout: link.patience)
                guard response.errorCode == .none else {
                    throw BrokerError(
                        .metadata,
                        "\(link) answers for no controller: \(response.errorCode.name). Check "
                            + "controller.quorum.bootstrap.servers"
                    )
                }
                return response.clusterId
            } catch let error as BrokerError {
                throw error
            } catch {
                problem = "\(error)"
            }
            link.lookElsewhere()
            // Cancelled means that nobody wants the broker any more.
            guard (try? await Task.sleep(for: .milliseconds(link.pauseMs))) != nil else { break }
        } while ContinuousClock.now < deadline
        throw BrokerError(
            .metadata,
            "no controller answers at \(link): \(problem). Check that one runs there and that "
                + "controller.quorum.bootstrap.servers is right"
        )
    }
}

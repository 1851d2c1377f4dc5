import KafkaCoordination
import KafkaMessages
import KafkaTransport

/// The controller of another process, asked over the network.
struct RemoteControllerChannel: ControllerChannel {
    let controllers: ControllerLink
    let metadata: ClusterMetadata
    let clock: any BrokerClock

    /// How long to look for a controller that takes the request.
    private static let patienceMs: Int64 = 15_000
    /// How long an answer may be held back until this broker's own metadata show what was done.
    private static let visibilityMs: Int64 = 2000

    func send<Request: ControllerRequest>(
        _ request: Request,
        version: Int16
    ) async throws(PartitionError) -> Request.Response {
        let response = try await exchange(request, highest: min(version, Request.controllerVersions.upperBound))
        await settle(request, response)
        return response
    }

    func describeQuorum(_ request: DescribeQuorumRequest) async throws(PartitionError) -> DescribeQuorumResponse {
        try await exchange(request, highest: .max)
    }

    private func exchange<Request: KafkaRequest>(
        _ request: Request,
        highest: Int16
    ) async throws(PartitionError) -> Request.Response {
        let deadlineMs = clock.nowMs + Self.patienceMs
        while true {
            let problem: ConnectionError
            do throws(ConnectionError) {
                let connection = try await controllers.connection()
                let chosen = try connection.version(of: Request.self, atMost: highest)
                return try await connection.send(request, version: chosen)
            } catch {
                problem = error
            }
            controllers.lookElsewhere()
            guard problem.isBeforeSending, clock.nowMs < deadlineMs, await pause() else {
                throw PartitionError(
                    problem.isBeforeSending ? .brokerNotAvailable : .requestTimedOut,
                    "The controller at \(controllers) cannot be asked: \(problem)"
                )
            }
        }
    }

    /// Whoever asked this broker sees what was done when it asks this broker next.
    private func settle<Request: ControllerRequest>(_ request: Request, _ response: Request.Response) async {
        let alarm = Alarm()
        let call = clock.schedule(afterMs: Self.visibilityMs) { alarm.expire() }
        defer { call.cancel() }
        _ = await metadata.wait(alarm) { request.isVisible(response, in: $0) }
    }

    private func pause() async -> Bool {
        let alarm = Alarm()
        let call = clock.schedule(afterMs: controllers.pauseMs) { alarm.ring() }
        defer { call.cancel() }
        return await alarm.sleep()
    }
}

extension ConnectionError {
    /// The request never left, so that sending it again cannot do anything twice.
    fileprivate var isBeforeSending: Bool {
        switch self {
        case .refused, .nameNotFound, .unreachable, .connectTimedOut, .negotiationTimedOut, .closedDuringNegotiation:
            true
        default: false
        }
    }
}

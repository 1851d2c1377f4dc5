import KafkaCoordination
import KafkaMessages

/// The way to the active controller, in this process or another.
protocol ControllerChannel: Sendable {
    /// Asks the controller. What is decided is committed when the call returns; this broker's own view of the metadata
    /// may follow a moment later.
    ///
    /// - Parameter version: in which version the request came from a client, for the few whose meaning it changes.
    /// - Throws: when no controller could be asked in time. The request may have been carried out all the same.
    func send<Request: ControllerRequest>(
        _ request: Request,
        version: Int16
    ) async throws(PartitionError) -> Request.Response

    /// Who keeps the metadata log, and how far everybody is with it.
    func describeQuorum(_ request: DescribeQuorumRequest) async throws(PartitionError) -> DescribeQuorumResponse
}

extension ControllerChannel {
    func send<Request: ControllerRequest>(_ request: Request) async throws(PartitionError) -> Request.Response {
        try await send(request, version: Request.controllerVersions.upperBound)
    }
}

/// The controller of this very process.
struct LocalControllerChannel: ControllerChannel {
    let driver: ControllerDriver
    let quorum: QuorumDescriber

    func send<Request: ControllerRequest>(
        _ request: Request,
        version: Int16
    ) async throws(PartitionError) -> Request.Response {
        try driver.perform(version: version) { request.decide(&$0, $1) }
    }

    func describeQuorum(_ request: DescribeQuorumRequest) async throws(PartitionError) -> DescribeQuorumResponse {
        quorum.describe(request)
    }
}

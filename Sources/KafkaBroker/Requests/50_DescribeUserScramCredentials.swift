import KafkaCoordination
import KafkaMessages

/// DescribeUserScramCredentials (50), version 0: which SCRAM mechanisms users have, never their secrets.
struct DescribeUserScramCredentialsHandler: APIHandler {
    static let versions: ClosedRange<Int16> = 0...0

    let core: BrokerCore

    func handle(
        _ request: DescribeUserScramCredentialsRequest,
        _ context: RequestContext
    ) async -> Reply<DescribeUserScramCredentialsResponse> {
        .respond(core.image.describeUserScramCredentials(request))
    }
}

import KafkaCoordination
import KafkaMessages

/// AlterUserScramCredentials (51), version 0: sets and deletes SCRAM credentials.
///
/// They are kept with the cluster's metadata; left out: this broker lets nobody log in.
struct AlterUserScramCredentialsHandler: APIHandler {
    static let versions: ClosedRange<Int16> = 0...0

    let core: BrokerCore

    func handle(
        _ request: AlterUserScramCredentialsRequest,
        _ context: RequestContext
    ) async -> Reply<AlterUserScramCredentialsResponse> {
        do {
            return .respond(try await core.controller.send(request, version: context.version))
        } catch {
            core.note(error, MetadataLog.topicPartition)
            var response = AlterUserScramCredentialsResponse()
            let users = Set(request.deletions.map(\.name) + request.upsertions.map(\.name))
            response.results = users.sorted().map {
                AlterUserScramCredentialsResponse.AlterUserScramCredentialsResult(
                    user: $0,
                    errorCode: error.code,
                    errorMessage: error.message
                )
            }
            return .respond(response)
        }
    }
}

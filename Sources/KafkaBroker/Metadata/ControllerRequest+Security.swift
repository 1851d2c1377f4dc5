import KafkaCoordination
import KafkaMessages

extension AlterClientQuotasRequest: ControllerRequest {
    func decide(
        _ controller: inout ClusterController,
        _ input: ControllerInput
    ) -> ControllerResult<AlterClientQuotasResponse> {
        controller.alterClientQuotas(self)
    }

    func isVisible(_ response: AlterClientQuotasResponse, in image: MetadataImage) -> Bool {
        if validateOnly { return true }
        return zip(entries, response.entries).allSatisfy { entry, answer in
            guard answer.errorCode == .none else { return true }
            let components = entry.entity.map { part in
                DescribeClientQuotasRequest.ComponentData(
                    entityType: part.entityType,
                    matchType: part.entityName == nil ? 1 : 0,
                    match: part.entityName
                )
            }
            let found = image.describeClientQuotas(.init(components: components, strict: true)).entries?.first
            let values = Dictionary((found?.values ?? []).map { ($0.key, $0.value) }) { $1 }
            return entry.ops.allSatisfy { values[$0.key] == ($0.remove ? nil : $0.value) }
        }
    }
}

extension AlterUserScramCredentialsRequest: ControllerRequest {
    func decide(
        _ controller: inout ClusterController,
        _ input: ControllerInput
    ) -> ControllerResult<AlterUserScramCredentialsResponse> {
        controller.alterUserScramCredentials(self)
    }

    func isVisible(_ response: AlterUserScramCredentialsResponse, in image: MetadataImage) -> Bool {
        let failed = Set(response.results.filter { $0.errorCode != .none }.map(\.user))
        let areGone = deletions.allSatisfy {
            failed.contains($0.name)
                || image.scramCredentials[.init(user: $0.name, mechanism: $0.mechanism)] == nil
        }
        let areThere = upsertions.allSatisfy {
            failed.contains($0.name)
                || image.scramCredentials[.init(user: $0.name, mechanism: $0.mechanism)]?.salt == $0.salt
        }
        return areGone && areThere
    }
}

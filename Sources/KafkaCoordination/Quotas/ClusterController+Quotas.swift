package import KafkaMessages

extension ClusterController {
    /// AlterClientQuotas: sets and removes quotas of each entity, all of them or none.
    package func alterClientQuotas(
        _ request: AlterClientQuotasRequest
    ) -> ControllerResult<AlterClientQuotasResponse> {
        var result = ControllerResult(answer: AlterClientQuotasResponse())
        var seen: Set<ClientQuotaEntity> = []
        for entry in request.entries {
            var answer = AlterClientQuotasResponse.EntryData()
            answer.entity = entry.entity.map { .init(entityType: $0.entityType, entityName: $0.entityName) }
            do throws(ControllerError) {
                let entity = try Self.entity(entry.entity)
                guard seen.insert(entity).inserted else {
                    throw ControllerError(.invalidRequest, "An entity may be named only once in a request.")
                }
                result.records += try changes(of: entity, entry.ops)
            } catch {
                answer.errorCode = error.code
                answer.errorMessage = error.message
            }
            result.answer.entries.append(answer)
        }
        if request.validateOnly { result.records = [] }
        return result
    }

    private static func entity(
        _ data: [AlterClientQuotasRequest.EntityData]
    ) throws(ControllerError) -> ClientQuotaEntity {
        guard !data.isEmpty else { throw ControllerError(.invalidRequest, "Invalid empty client quota entity") }
        var parts: [ClientQuotaEntity.Kind: ClientQuotaEntity.Name] = [:]
        for part in data {
            guard let kind = ClientQuotaEntity.Kind(rawValue: part.entityType) else {
                throw ControllerError(.invalidRequest, "Unhandled client quota entity type: \(part.entityType)")
            }
            guard part.entityName?.isEmpty != true else {
                throw ControllerError(.invalidRequest, "Empty \(part.entityType) not supported")
            }
            guard parts.updateValue(.init(part.entityName), forKey: kind) == nil else {
                throw ControllerError(.invalidRequest, "\(part.entityType) was named twice")
            }
        }
        guard parts[.ip] == nil || parts.count == 1 else {
            throw ControllerError(
                .invalidRequest,
                "Invalid client quota entity, ip cannot be combined with user or client-id"
            )
        }
        return ClientQuotaEntity(parts: parts)
    }

    private func changes(
        of entity: ClientQuotaEntity,
        _ operations: [AlterClientQuotasRequest.OpData]
    ) throws(ControllerError) -> [MetadataRecord] {
        let current = image.clientQuotas[entity] ?? [:]
        let kinds = Set(entity.parts.keys)
        var seen: Set<String> = []
        var records: [MetadataRecord] = []
        for operation in operations {
            guard let key = ClientQuotaKey(rawValue: operation.key), key.applies(to: kinds) else {
                throw ControllerError(.invalidRequest, "Invalid configuration key \(operation.key)")
            }
            guard seen.insert(operation.key).inserted else {
                throw ControllerError(.invalidRequest, "\(operation.key) was named twice")
            }
            if operation.remove {
                guard current[operation.key] != nil else { continue }
            } else {
                if let problem = key.problem(with: operation.value) { throw ControllerError(.invalidRequest, problem) }
                guard current[operation.key] != operation.value else { continue }
            }
            records.append(
                .clientQuota(ClientQuotaRecord(entity, operation.key, operation.remove ? nil : operation.value))
            )
        }
        return records
    }
}

extension ClientQuotaRecord {
    /// - Parameter value: nil removes the quota.
    init(_ entity: ClientQuotaEntity, _ key: String, _ value: Double?) {
        self.init(
            entity: entity.sortedParts.map { .init(entityType: $0.kind.rawValue, entityName: $0.name.text) },
            key: key,
            value: value ?? 0,
            remove: value == nil
        )
    }
}

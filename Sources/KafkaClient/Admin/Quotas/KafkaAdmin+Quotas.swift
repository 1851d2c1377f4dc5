import KafkaMessages

extension KafkaAdmin {
    /// The quotas of the entities that a filter chooses.
    ///
    /// - Returns: in the broker's order. Entities of kinds that are not known here are left out.
    public func describeClientQuotas(
        _ filter: ClientQuotaFilter = ClientQuotaFilter(),
        timeout: Duration? = nil
    ) async throws(KafkaClientError) -> [ClientQuotas] {
        var request = DescribeClientQuotasRequest()
        request.strict = filter.isExact
        request.components = ClientQuotaEntity.Kind.allCases.compactMap { kind in
            filter.parts[kind].map { match in
                switch match {
                case .name(.named(let name)): .init(entityType: kind.rawValue, matchType: 0, match: name)
                case .name(.others): .init(entityType: kind.rawValue, matchType: 1, match: nil)
                case .any: .init(entityType: kind.rawValue, matchType: 2, match: nil)
                }
            }
        }
        let response = try await cluster.call(request, deadline: deadline(timeout))
        guard response.errorCode == .none else {
            throw KafkaClientError("Quotas cannot be described", response.errorCode, detail: response.errorMessage)
        }
        return (response.entries ?? []).compactMap { entry in
            guard let entity = ClientQuotaEntity(entry.entity.map { ($0.entityType, $0.entityName) }) else {
                return nil
            }
            return ClientQuotas(entity: entity, values: Dictionary(entry.values.map { ($0.key, $0.value) }) { $1 })
        }
    }

    /// Sets quotas and takes them back.
    ///
    /// - Parameter changes: the new values by the quotas' names; `nil` takes a quota back.
    /// - Returns: success, or why not, by entity.
    /// - Throws: when the controller could not be asked.
    public func alterClientQuotas(
        _ changes: [ClientQuotaEntity: [String: Double?]],
        validateOnly: Bool = false,
        timeout: Duration? = nil
    ) async throws(KafkaClientError) -> [ClientQuotaEntity: Result<Void, KafkaClientError>] {
        var request = AlterClientQuotasRequest()
        request.validateOnly = validateOnly
        request.entries = changes.map { entity, values in
            AlterClientQuotasRequest.EntryData(
                entity: ClientQuotaEntity.Kind.allCases.compactMap { kind in
                    switch entity.parts[kind] {
                    case nil: nil
                    case .others: .init(entityType: kind.rawValue, entityName: nil)
                    case .named(let name): .init(entityType: kind.rawValue, entityName: name)
                    }
                },
                ops: values.sorted { $0.key < $1.key }.map {
                    .init(key: $0.key, value: $0.value ?? 0, remove: $0.value == nil)
                }
            )
        }
        let response = try await cluster.call(request, to: .controller, deadline: deadline(timeout)) {
            (response) throws(KafkaClientError) in
            try Self.checkController(response.entries.map(\.errorCode))
        }
        var results: [ClientQuotaEntity: Result<Void, KafkaClientError>] = [:]
        for entry in response.entries {
            guard let entity = ClientQuotaEntity(entry.entity.map { ($0.entityType, $0.entityName) }) else { continue }
            results[entity] = Self.result(
                entry.errorCode,
                entry.errorMessage,
                "The quotas of \(entity) were not changed"
            )
        }
        for entity in changes.keys where results[entity] == nil {
            results[entity] = .failure(
                KafkaClientError(.protocolViolation, "The broker did not answer for the quotas of \(entity).")
            )
        }
        return results
    }
}

extension ClientQuotaEntity {
    /// nil when a part is of a kind that is not known here.
    fileprivate init?(_ data: [(type: String, name: String?)]) {
        var parts: [Kind: Name] = [:]
        for part in data {
            guard let kind = Kind(rawValue: part.type) else { return nil }
            parts[kind] = part.name.map { .named($0) } ?? .others
        }
        self.init(parts)
    }
}

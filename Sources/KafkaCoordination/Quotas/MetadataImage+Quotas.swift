package import KafkaMessages

extension MetadataImage {
    /// DescribeClientQuotas: the quotas of the entities that a filter chooses.
    package func describeClientQuotas(_ request: DescribeClientQuotasRequest) -> DescribeClientQuotasResponse {
        var response = DescribeClientQuotasResponse()
        do throws(ControllerError) {
            let filter = try QuotaFilter(request)
            response.entries = clientQuotas.filter { filter.chooses($0.key) }
                .sorted { $0.key.sortKey.lexicographicallyPrecedes($1.key.sortKey) }
                .map { entity, quotas in
                    DescribeClientQuotasResponse.EntryData(
                        entity: entity.sortedParts.map {
                            .init(entityType: $0.kind.rawValue, entityName: $0.name.text)
                        },
                        values: quotas.sorted { $0.key < $1.key }.map { .init(key: $0.key, value: $0.value) }
                    )
                }
        } catch {
            response.errorCode = error.code
            response.errorMessage = error.message
            response.entries = nil
        }
        return response
    }
}

/// Which entities DescribeClientQuotas asks for.
private struct QuotaFilter {
    /// nil: whatever its name.
    private var parts: [ClientQuotaEntity.Kind: ClientQuotaEntity.Name?] = [:]
    /// No entity with other parts.
    private let isStrict: Bool

    init(_ request: DescribeClientQuotasRequest) throws(ControllerError) {
        isStrict = request.strict
        for component in request.components {
            guard !component.entityType.isEmpty else {
                throw ControllerError(.invalidRequest, "Invalid empty entity type.")
            }
            guard let kind = ClientQuotaEntity.Kind(rawValue: component.entityType) else {
                throw ControllerError(.unsupportedVersion, "Custom entity type '\(component.entityType)' not supported")
            }
            let name = try Self.name(component)
            guard parts.updateValue(name, forKey: kind) == nil else {
                throw ControllerError(.invalidRequest, "Duplicate filter component entity type '\(kind.rawValue)'")
            }
        }
        guard parts[.ip] == nil || parts.count == 1 else {
            throw ControllerError(.invalidRequest, "Invalid entity filter component combination")
        }
    }

    private static func name(
        _ component: DescribeClientQuotasRequest.ComponentData
    ) throws(ControllerError) -> ClientQuotaEntity.Name? {
        switch (component.matchType, component.match) {
        case (0, let name?): return .named(name)
        case (0, nil): throw ControllerError(.invalidRequest, "Request specified an exact match of no name")
        case (1, nil): return .others
        case (2, nil): return nil
        case (1, _), (2, _):
            throw ControllerError(.invalidRequest, "Request specified a name that its match type does not take")
        default: throw ControllerError(.invalidRequest, "Unknown match type \(component.matchType)")
        }
    }

    func chooses(_ entity: ClientQuotaEntity) -> Bool {
        guard !isStrict || entity.parts.count == parts.count else { return false }
        return parts.allSatisfy { kind, wanted in
            guard let name = entity.parts[kind] else { return false }
            return wanted.map { $0 == name } ?? true
        }
    }
}

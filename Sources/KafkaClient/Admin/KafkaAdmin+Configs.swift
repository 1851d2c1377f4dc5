import KafkaMessages

extension KafkaAdmin {
    /// The configuration of resources.
    ///
    /// Settings of a broker can only be told by that broker, so it is asked itself.
    ///
    /// - Parameters:
    ///   - keys: the settings to tell; `nil` for all.
    ///   - includesSynonyms: whether to tell where else values would come from.
    ///   - includesDocumentation: whether to tell what settings do.
    /// - Returns: the settings in the broker's order, or why there are none, by resource.
    public func describeConfigs(
        _ resources: [ConfigResource],
        keys: [String]? = nil,
        includesSynonyms: Bool = false,
        includesDocumentation: Bool = false,
        timeout: Duration? = nil
    ) async throws(KafkaClientError) -> [ConfigResource: Result<[ConfigEntry], KafkaClientError>] {
        let deadline = deadline(timeout)
        return try await forEachTarget(of: resources, deadline: deadline) {
            (target, resources) async throws(KafkaClientError) in
            var request = DescribeConfigsRequest()
            request.includeSynonyms = includesSynonyms
            request.includeDocumentation = includesDocumentation
            request.resources = resources.map { resource in
                var item = DescribeConfigsRequest.DescribeConfigsResource()
                item.resourceType = resource.kind.rawValue
                item.resourceName = resource.name
                item.configurationKeys = keys
                return item
            }
            let response = try await cluster.call(request, to: target, deadline: deadline)
            return response.results.map { result in
                Self.outcome(
                    result.resourceType,
                    result.resourceName,
                    result.errorCode,
                    result.errorMessage,
                    "cannot be described",
                    result.configs.map(ConfigEntry.init)
                )
            }
        }
    }

    /// Changes single settings of resources and leaves the others as they are.
    ///
    /// - Returns: success, or why not, by resource.
    public func incrementalAlterConfigs(
        _ changes: [ConfigResource: [ConfigChange]],
        validateOnly: Bool = false,
        timeout: Duration? = nil
    ) async throws(KafkaClientError) -> [ConfigResource: Result<Void, KafkaClientError>] {
        let deadline = deadline(timeout)
        return try await forEachTarget(of: Array(changes.keys), deadline: deadline) {
            (target, resources) async throws(KafkaClientError) in
            var request = IncrementalAlterConfigsRequest()
            request.validateOnly = validateOnly
            request.resources = resources.map { resource in
                var item = IncrementalAlterConfigsRequest.AlterConfigsResource()
                item.resourceType = resource.kind.rawValue
                item.resourceName = resource.name
                item.configs = (changes[resource] ?? []).map { change in
                    var config = IncrementalAlterConfigsRequest.AlterableConfig()
                    config.name = change.name
                    config.configOperation = change.operation.rawValue
                    config.value = change.value
                    return config
                }
                return item
            }
            let response = try await cluster.call(request, to: target, deadline: deadline) {
                (response) throws(KafkaClientError) in
                try Self.checkController(response.responses.map(\.errorCode))
            }
            return response.responses.map { result in
                Self.outcome(
                    result.resourceType,
                    result.resourceName,
                    result.errorCode,
                    result.errorMessage,
                    "cannot be changed",
                    ()
                )
            }
        }
    }

    /// Replaces the whole configuration of resources: settings that are not named go back to their defaults.
    ///
    /// For brokers without ``incrementalAlterConfigs(_:validateOnly:timeout:)``.
    ///
    /// - Returns: success, or why not, by resource.
    public func alterConfigs(
        _ configs: [ConfigResource: [String: String]],
        validateOnly: Bool = false,
        timeout: Duration? = nil
    ) async throws(KafkaClientError) -> [ConfigResource: Result<Void, KafkaClientError>] {
        let deadline = deadline(timeout)
        return try await forEachTarget(of: Array(configs.keys), deadline: deadline) {
            (target, resources) async throws(KafkaClientError) in
            var request = AlterConfigsRequest()
            request.validateOnly = validateOnly
            request.resources = resources.map { resource in
                var item = AlterConfigsRequest.AlterConfigsResource()
                item.resourceType = resource.kind.rawValue
                item.resourceName = resource.name
                item.configs = (configs[resource] ?? [:]).sorted { $0.key < $1.key }.map { name, value in
                    var config = AlterConfigsRequest.AlterableConfig()
                    config.name = name
                    config.value = value
                    return config
                }
                return item
            }
            let response = try await cluster.call(request, to: target, deadline: deadline) {
                (response) throws(KafkaClientError) in
                try Self.checkController(response.responses.map(\.errorCode))
            }
            return response.responses.map { result in
                Self.outcome(
                    result.resourceType,
                    result.resourceName,
                    result.errorCode,
                    result.errorMessage,
                    "cannot be changed",
                    ()
                )
            }
        }
    }

    private typealias Outcome<Value> = (resource: ConfigResource, result: Result<Value, KafkaClientError>)

    /// Sends each resource where it belongs: a broker's own settings to that broker, all others to any node.
    private func forEachTarget<Value: Sendable>(
        of resources: [ConfigResource],
        deadline: Deadline,
        _ ask: (RequestTarget, [ConfigResource]) async throws(KafkaClientError) -> [Outcome<Value>?]
    ) async throws(KafkaClientError) -> [ConfigResource: Result<Value, KafkaClientError>] {
        var results: [ConfigResource: Result<Value, KafkaClientError>] = [:]
        let sorted = resources.sorted { ($0.kind.rawValue, $0.name) < ($1.kind.rawValue, $1.name) }
        for (broker, resources) in grouped(sorted, by: \.brokerID) {
            let target: RequestTarget = broker.map { .node($0) } ?? .any
            do throws(KafkaClientError) {
                if let broker { try await checkLiveness(of: broker, deadline: deadline) }
                for outcome in try await ask(target, resources) {
                    guard let outcome else { continue }
                    results[outcome.resource] = outcome.result
                }
            } catch {
                guard broker != nil, error.code != .cancelled, error.code != .closed else { throw error }
                for resource in resources {
                    results[resource] = .failure(error)
                }
            }
            for resource in resources where results[resource] == nil {
                results[resource] = .failure(
                    KafkaClientError(.protocolViolation, "The broker did not answer for \(resource).")
                )
            }
        }
        return results
    }

    /// A broker that does not live cannot tell its settings, however long it is waited for.
    private func checkLiveness(of broker: Int32, deadline: Deadline) async throws(KafkaClientError) {
        guard cluster.withMetadata({ $0.nodes[broker] }) == nil else { return }
        try await cluster.withRetries(deadline: deadline) { [cluster] (_) async throws(KafkaClientError) in
            try await cluster.refreshMetadata(deadline: deadline)
        }
        guard cluster.withMetadata({ $0.nodes[broker] }) == nil else { return }
        throw KafkaClientError(.invalidArgument, "Broker \(broker) is not among the live brokers of the cluster.")
    }

    private static func outcome<Value>(
        _ type: Int8,
        _ name: String,
        _ error: ErrorCode,
        _ detail: String?,
        _ what: String,
        _ value: Value
    ) -> Outcome<Value>? {
        guard let kind = ConfigResource.Kind(rawValue: type) else { return nil }
        let resource = ConfigResource(kind, name)
        guard error == .none else {
            return (
                resource,
                .failure(KafkaClientError("The configuration of \(resource) \(what)", error, detail: detail))
            )
        }
        return (resource, .success(value))
    }
}

extension ConfigEntry {
    init(_ config: DescribeConfigsResponse.DescribeConfigsResourceResult) {
        // Version 0 tells only whether a value is the default.
        let source = Source(rawValue: config.configSource) ?? (config.isDefault ? .defaultConfig : .unknown)
        self.init(
            name: config.name,
            value: config.value,
            source: source,
            isReadOnly: config.readOnly,
            isSensitive: config.isSensitive,
            type: ValueType(rawValue: config.configType) ?? .unknown,
            synonyms: config.synonyms.map { synonym in
                Synonym(
                    name: synonym.name,
                    value: synonym.value,
                    source: Source(rawValue: synonym.source) ?? .unknown
                )
            },
            documentation: config.documentation
        )
    }
}

package import KafkaMessages

extension ClusterController {
    /// What IncrementalAlterConfigs does with one key.
    private enum Operation: Int8 {
        case set = 0
        case delete = 1
        case append = 2
        case subtract = 3
    }

    // MARK: Requests

    /// IncrementalAlterConfigs: changes the named keys and leaves the others.
    package func incrementalAlterConfigs(
        _ request: IncrementalAlterConfigsRequest
    ) -> ControllerResult<IncrementalAlterConfigsResponse> {
        var result = ControllerResult(answer: IncrementalAlterConfigsResponse())
        var seen: Set<ConfigResource> = []
        for resource in request.resources {
            var answer = IncrementalAlterConfigsResponse.AlterConfigsResourceResponse()
            answer.resourceType = resource.resourceType
            answer.resourceName = resource.resourceName
            do throws(ControllerError) {
                let target = try target(type: resource.resourceType, name: resource.resourceName, seen: &seen)
                let values = try values(of: target, after: resource.configs)
                result.records += try changes(of: target, to: values)
            } catch {
                answer.errorCode = error.code
                answer.errorMessage = error.message
            }
            result.answer.responses.append(answer)
        }
        if request.validateOnly { result.records = [] }
        return result
    }

    /// AlterConfigs: the given keys become all that is set.
    package func alterConfigs(_ request: AlterConfigsRequest) -> ControllerResult<AlterConfigsResponse> {
        var result = ControllerResult(answer: AlterConfigsResponse())
        var seen: Set<ConfigResource> = []
        for resource in request.resources {
            var answer = AlterConfigsResponse.AlterConfigsResourceResponse()
            answer.resourceType = resource.resourceType
            answer.resourceName = resource.resourceName
            do throws(ControllerError) {
                let target = try target(type: resource.resourceType, name: resource.resourceName, seen: &seen)
                var values: [String: String] = [:]
                for config in resource.configs {
                    guard let value = config.value else {
                        throw ControllerError(.invalidRequest, "Null value not supported for : \(config.name)")
                    }
                    values[config.name] = value
                }
                result.records += try changes(of: target, to: values)
            } catch {
                answer.errorCode = error.code
                answer.errorMessage = error.message
            }
            result.answer.responses.append(answer)
        }
        if request.validateOnly { result.records = [] }
        return result
    }

    // MARK: Steps

    /// The resource, if it exists, can have configs here, and was not named before in this request.
    private func target(
        type: Int8,
        name: String,
        seen: inout Set<ConfigResource>
    ) throws(ControllerError) -> ConfigResource {
        guard let kind = ConfigResource.Kind(rawValue: type) else {
            throw ControllerError(.invalidRequest, "Unexpected resource type \(type).")
        }
        let resource = ConfigResource(kind, name)
        guard seen.insert(resource).inserted else {
            throw ControllerError(.invalidRequest, "Each resource must appear at most once.")
        }
        switch kind {
        case .topic:
            if let problem = TopicName.problem(with: name) { throw ControllerError(.invalidTopic, problem) }
            guard image.topics[name] != nil else {
                throw ControllerError(.unknownTopicOrPartition, "The topic '\(name)' does not exist.")
            }
        case .broker:
            let isKnown = { (id: Int32) in id == settings.nodeID || image.brokers[id] != nil }
            guard name.isEmpty || Int32(name).map(isKnown) == true else {
                let known = image.brokers.keys.sorted().map { String($0) }.joined(separator: ", ")
                throw ControllerError(
                    .invalidRequest,
                    "Unexpected broker id, expected \(known) or empty string, but received \(name)"
                )
            }
        case .group:
            if name.isEmpty { throw ControllerError(.invalidRequest, "Default group resources are not allowed.") }
        case .clientMetrics:
            if name.isEmpty {
                throw ControllerError(.invalidRequest, "Client metrics subscription name must not be empty")
            }
        case .brokerLogger:
            throw ControllerError(.invalidRequest, "This broker keeps no configs for resources of type \(type).")
        }
        return resource
    }

    /// What is set for `resource` once the operations are done.
    private func values(
        of resource: ConfigResource,
        after operations: [IncrementalAlterConfigsRequest.AlterableConfig]
    ) throws(ControllerError) -> [String: String] {
        var values = image.configs[resource] ?? [:]
        var seen: Set<String> = []
        for change in operations {
            guard seen.insert(change.name).inserted else {
                throw ControllerError(.invalidRequest, "Error due to duplicate config keys: \(change.name)")
            }
            guard let operation = Operation(rawValue: change.configOperation) else {
                throw ControllerError(.invalidRequest, "Unknown operation type \(change.configOperation).")
            }
            switch operation {
            case .delete: values[change.name] = nil
            case .set: values[change.name] = try present(change)
            case .append, .subtract:
                let items = try present(change).split(separator: ",").map { String($0).trimmingBlanks() }
                var list = try currentList(of: change.name, resource, values, operation)
                if operation == .append {
                    for item in items where !list.contains(item) { list.append(item) }
                } else {
                    list.removeAll(where: items.contains)
                }
                values[change.name] = list.joined(separator: ",")
            }
        }
        return values
    }

    private func present(
        _ change: IncrementalAlterConfigsRequest.AlterableConfig
    ) throws(ControllerError) -> String {
        guard let value = change.value else {
            throw ControllerError(.invalidRequest, "Null value not supported for : \(change.name)")
        }
        return value
    }

    private func currentList(
        of name: String,
        _ resource: ConfigResource,
        _ values: [String: String],
        _ operation: Operation
    ) throws(ControllerError) -> [String] {
        if resource.kind == .clientMetrics, ClientMetricsConfigs.lists.contains(name) {
            return (values[name] ?? "").split(separator: ",").map { String($0).trimmingBlanks() }
        }
        let topicEntry = resource.kind == .topic ? TopicConfigs.byName[name] : nil
        guard let definition = topicEntry?.definition ?? BrokerConfigs.byName[name], definition.type == .list else {
            let verb = operation == .append ? "APPEND" : "SUBTRACT"
            throw ControllerError(.invalidConfig, "Can't \(verb) to key \(name) because its type is not LIST.")
        }
        let current =
            values[name]
            ?? (topicEntry.map { resolver().topicValue($0, overrides: [:]) } ?? resolver().brokerValue(name))
        return (current ?? "").split(separator: ",").map { String($0).trimmingBlanks() }
    }

    /// The records that make `values` all that is set for `resource`.
    private func changes(
        of resource: ConfigResource,
        to values: [String: String]
    ) throws(ControllerError) -> [MetadataRecord] {
        let old = image.configs[resource] ?? [:]
        let changed = Set(old.keys).union(values.keys).filter { old[$0] != values[$0] }.sorted()
        if resource.kind == .broker {
            let fixed = changed.filter { BrokerConfigs.byName[$0]?.updateMode == .readOnly }
            guard fixed.isEmpty else {
                let names = fixed.joined(separator: ", ")
                throw ControllerError(.invalidRequest, "Cannot update these configs dynamically: Set(\(names))")
            }
        }
        do {
            switch resource.kind {
            case .topic: try ConfigValidation.checkTopic(values)
            case .group: try GroupConfigs.check(values, resolver())
            case .clientMetrics: try ClientMetricsConfigs.check(values)
            case .broker, .brokerLogger: try ConfigValidation.checkBroker(values)
            }
        } catch {
            throw ControllerError(.invalidConfig, error.description)
        }
        return changed.map { .config(ConfigRecord(resource.kind, resource.name, $0, values[$0])) }
    }
}

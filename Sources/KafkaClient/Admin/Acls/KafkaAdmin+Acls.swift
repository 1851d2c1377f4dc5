import KafkaMessages

extension KafkaAdmin {
    /// The access rules that a filter chooses.
    ///
    /// - Throws: SECURITY_DISABLED when the cluster has no authorizer.
    public func describeAcls(
        _ filter: AclFilter,
        timeout: Duration? = nil
    ) async throws(KafkaClientError) -> [AclBinding] {
        let deadline = deadline(timeout)
        var request = DescribeAclsRequest()
        request.resourceTypeFilter = filter.type.rawValue
        request.resourceNameFilter = filter.name
        request.patternTypeFilter = filter.pattern.rawValue
        request.principalFilter = filter.principal
        request.hostFilter = filter.host
        request.operation = filter.operation.rawValue
        request.permissionType = filter.permission.rawValue
        let response = try await cluster.call(request, deadline: deadline)
        guard response.errorCode == .none else {
            throw KafkaClientError(
                "The access rules cannot be listed",
                response.errorCode,
                detail: response.errorMessage
            )
        }
        var bindings: [AclBinding] = []
        for resource in response.resources {
            for acl in resource.acls {
                guard
                    let binding = AclBinding(
                        resource.resourceType,
                        resource.resourceName,
                        resource.patternType,
                        acl.principal,
                        acl.host,
                        acl.operation,
                        acl.permissionType
                    )
                else { throw Self.unknownRule(resource.resourceName) }
                bindings.append(binding)
            }
        }
        return bindings
    }

    /// Makes access rules; one that exists already stays.
    ///
    /// - Returns: success, or why not, in the order of the rules.
    /// - Throws: when the controller could not be asked.
    public func createAcls(
        _ bindings: [AclBinding],
        timeout: Duration? = nil
    ) async throws(KafkaClientError) -> [Result<Void, KafkaClientError>] {
        let deadline = deadline(timeout)
        var request = CreateAclsRequest()
        request.creations = bindings.map { binding in
            CreateAclsRequest.AclCreation(
                resourceType: binding.resource.type.rawValue,
                resourceName: binding.resource.name,
                resourcePatternType: binding.resource.pattern.rawValue,
                principal: binding.principal,
                host: binding.host,
                operation: binding.operation.rawValue,
                permissionType: binding.permission.rawValue
            )
        }
        let response = try await cluster.call(request, to: .controller, deadline: deadline) {
            (response) throws(KafkaClientError) in
            try Self.checkController(response.results.map(\.errorCode))
        }
        guard response.results.count == bindings.count else {
            throw KafkaClientError(
                .protocolViolation,
                "The broker answered for \(response.results.count) of \(bindings.count) access rules."
            )
        }
        return zip(bindings, response.results).map { binding, result in
            Self.result(
                result.errorCode,
                result.errorMessage,
                "The access rule for \(binding.principal) on '\(binding.resource.name)' was not made"
            )
        }
    }

    /// Removes the access rules that filters choose.
    ///
    /// - Returns: what was removed, or why nothing was, in the order of the filters.
    /// - Throws: when the controller could not be asked.
    public func deleteAcls(
        _ filters: [AclFilter],
        timeout: Duration? = nil
    ) async throws(KafkaClientError) -> [Result<[AclBinding], KafkaClientError>] {
        let deadline = deadline(timeout)
        var request = DeleteAclsRequest()
        request.filters = filters.map { filter in
            DeleteAclsRequest.DeleteAclsFilter(
                resourceTypeFilter: filter.type.rawValue,
                resourceNameFilter: filter.name,
                patternTypeFilter: filter.pattern.rawValue,
                principalFilter: filter.principal,
                hostFilter: filter.host,
                operation: filter.operation.rawValue,
                permissionType: filter.permission.rawValue
            )
        }
        let response = try await cluster.call(request, to: .controller, deadline: deadline) {
            (response) throws(KafkaClientError) in
            try Self.checkController(response.filterResults.map(\.errorCode))
        }
        guard response.filterResults.count == filters.count else {
            throw KafkaClientError(
                .protocolViolation,
                "The broker answered for \(response.filterResults.count) of \(filters.count) filters."
            )
        }
        return response.filterResults.map { Self.removed($0) }
    }

    private static func removed(
        _ result: DeleteAclsResponse.DeleteAclsFilterResult
    ) -> Result<[AclBinding], KafkaClientError> {
        let what = "Access rules were not removed"
        guard result.errorCode == .none else {
            return .failure(KafkaClientError(what, result.errorCode, detail: result.errorMessage))
        }
        var bindings: [AclBinding] = []
        for acl in result.matchingAcls {
            guard acl.errorCode == .none else {
                return .failure(KafkaClientError(what, acl.errorCode, detail: acl.errorMessage))
            }
            guard
                let binding = AclBinding(
                    acl.resourceType,
                    acl.resourceName,
                    acl.patternType,
                    acl.principal,
                    acl.host,
                    acl.operation,
                    acl.permissionType
                )
            else { return .failure(unknownRule(acl.resourceName)) }
            bindings.append(binding)
        }
        return .success(bindings)
    }

    private static func unknownRule(_ name: String) -> KafkaClientError {
        KafkaClientError(
            .unsupportedByBroker,
            "An access rule for '\(name)' is of a kind that this client does not know; a newer swkafka may."
        )
    }
}

extension AclBinding {
    /// nil when a number is not one of the protocol's, or stands for a filter.
    fileprivate init?(
        _ type: Int8,
        _ name: String,
        _ pattern: Int8,
        _ principal: String,
        _ host: String,
        _ operation: Int8,
        _ permission: Int8
    ) {
        guard let type = AclResourceType(rawValue: type), type != .any, let pattern = AclPatternType(rawValue: pattern),
            pattern == .literal || pattern == .prefixed, let operation = AclOperation(rawValue: operation),
            operation != .any, let permission = AclPermission(rawValue: permission), permission != .any
        else { return nil }
        self.init(
            AclResource(type, name, pattern),
            principal: principal,
            host: host,
            operation: operation,
            permission: permission
        )
    }
}

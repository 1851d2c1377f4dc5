import KafkaMessages
import KafkaTestSupport
import Synchronization

@testable import KafkaClient

/// The rules of brokers whose authorizer keeps them and chooses among them as Kafka's does (KIP-290), but enforces none.
final class AclsModel: Sendable {
    private let rules = Mutex<Set<AclBinding>>([])

    var script: ScriptedCluster.Script {
        var script = ScriptedCluster.Script()
        script.answerBasics(topics: [:])
        script.answer(DescribeAclsRequest.self, versions: 1...3) { [self] request, _ in describe(request) }
        script.answer(CreateAclsRequest.self, versions: 1...3) { [self] request, _ in create(request) }
        script.answer(DeleteAclsRequest.self, versions: 1...3) { [self] request, _ in delete(request) }
        return script
    }

    private func describe(_ request: DescribeAclsRequest) -> DescribeAclsResponse {
        let filter = AclFilter(
            type: AclResourceType(rawValue: request.resourceTypeFilter) ?? .any,
            name: request.resourceNameFilter,
            pattern: AclPatternType(rawValue: request.patternTypeFilter) ?? .any,
            principal: request.principalFilter,
            host: request.hostFilter,
            operation: AclOperation(rawValue: request.operation) ?? .any,
            permission: AclPermission(rawValue: request.permissionType) ?? .any
        )
        let found = rules.withLock { rules in rules.filter { Self.chooses(filter, $0) } }
        var response = DescribeAclsResponse()
        response.resources = Dictionary(grouping: found, by: \.resource).map { resource, rules in
            DescribeAclsResponse.DescribeAclsResource(
                resourceType: resource.type.rawValue,
                resourceName: resource.name,
                patternType: resource.pattern.rawValue,
                acls: rules.map {
                    .init(
                        principal: $0.principal,
                        host: $0.host,
                        operation: $0.operation.rawValue,
                        permissionType: $0.permission.rawValue
                    )
                }
            )
        }
        return response
    }

    private func create(_ request: CreateAclsRequest) -> CreateAclsResponse {
        var response = CreateAclsResponse()
        for item in request.creations {
            guard let type = AclResourceType(rawValue: item.resourceType),
                let pattern = AclPatternType(rawValue: item.resourcePatternType),
                let operation = AclOperation(rawValue: item.operation),
                let permission = AclPermission(rawValue: item.permissionType)
            else {
                response.results.append(.init(errorCode: .invalidRequest, errorMessage: nil))
                continue
            }
            let rule = AclBinding(
                AclResource(type, item.resourceName, pattern),
                principal: item.principal,
                host: item.host,
                operation: operation,
                permission: permission
            )
            _ = rules.withLock { $0.insert(rule) }
            response.results.append(.init())
        }
        return response
    }

    private func delete(_ request: DeleteAclsRequest) -> DeleteAclsResponse {
        var response = DeleteAclsResponse()
        for item in request.filters {
            let filter = AclFilter(
                type: AclResourceType(rawValue: item.resourceTypeFilter) ?? .any,
                name: item.resourceNameFilter,
                pattern: AclPatternType(rawValue: item.patternTypeFilter) ?? .any,
                principal: item.principalFilter,
                host: item.hostFilter,
                operation: AclOperation(rawValue: item.operation) ?? .any,
                permission: AclPermission(rawValue: item.permissionType) ?? .any
            )
            let found = rules.withLock { rules in
                let found = rules.filter { Self.chooses(filter, $0) }
                rules.subtract(found)
                return found
            }
            response.filterResults.append(
                .init(
                    matchingAcls: found.map {
                        .init(
                            resourceType: $0.resource.type.rawValue,
                            resourceName: $0.resource.name,
                            patternType: $0.resource.pattern.rawValue,
                            principal: $0.principal,
                            host: $0.host,
                            operation: $0.operation.rawValue,
                            permissionType: $0.permission.rawValue
                        )
                    }
                )
            )
        }
        return response
    }

    private static func chooses(_ filter: AclFilter, _ rule: AclBinding) -> Bool {
        (filter.type == .any || filter.type == rule.resource.type) && isMeant(rule.resource, by: filter)
            && (filter.principal ?? rule.principal) == rule.principal && (filter.host ?? rule.host) == rule.host
            && (filter.operation == .any || filter.operation == rule.operation)
            && (filter.permission == .any || filter.permission == rule.permission)
    }

    private static func isMeant(_ resource: AclResource, by filter: AclFilter) -> Bool {
        guard let name = filter.name else { return true }
        switch filter.pattern {
        case .any: return resource.name == name
        case .literal, .prefixed: return resource.pattern == filter.pattern && resource.name == name
        case .match:
            if resource.pattern == .prefixed { return name.hasPrefix(resource.name) }
            return resource.name == name || resource.name == "*"
        }
    }
}

import KafkaMessages

/// DeleteAcls (31), versions 1 to 3: this broker has no authorizer, and says so as Kafka does. 2 flexible.
struct DeleteAclsHandler: APIHandler {
    static let versions: ClosedRange<Int16> = 1...3

    func handle(_ request: DeleteAclsRequest, _ context: RequestContext) async -> Reply<DeleteAclsResponse> {
        var response = DeleteAclsResponse()
        response.filterResults = request.filters.map { _ in
            DeleteAclsResponse.DeleteAclsFilterResult(
                errorCode: .securityDisabled,
                errorMessage: "No Authorizer is configured."
            )
        }
        return .respond(response)
    }
}

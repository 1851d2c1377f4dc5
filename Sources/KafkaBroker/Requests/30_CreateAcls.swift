import KafkaMessages

/// CreateAcls (30), versions 1 to 3: this broker has no authorizer, and says so as Kafka does. 2 flexible.
struct CreateAclsHandler: APIHandler {
    static let versions: ClosedRange<Int16> = 1...3

    func handle(_ request: CreateAclsRequest, _ context: RequestContext) async -> Reply<CreateAclsResponse> {
        var response = CreateAclsResponse()
        response.results = request.creations.map { _ in
            CreateAclsResponse.AclCreationResult(
                errorCode: .securityDisabled,
                errorMessage: "No Authorizer is configured."
            )
        }
        return .respond(response)
    }
}

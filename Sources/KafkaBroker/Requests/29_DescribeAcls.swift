import KafkaMessages

/// DescribeAcls (29), versions 1 to 3: this broker has no authorizer, and says so as Kafka does. 2 flexible.
struct DescribeAclsHandler: APIHandler {
    static let versions: ClosedRange<Int16> = 1...3

    func handle(_ request: DescribeAclsRequest, _ context: RequestContext) async -> Reply<DescribeAclsResponse> {
        .respond(
            DescribeAclsResponse(
                errorCode: .securityDisabled,
                errorMessage: "No Authorizer is configured on the broker"
            )
        )
    }
}

import KafkaMessages

/// DescribeDelegationToken (41), versions 1 to 3: never on a connection whose client has not logged in (KIP-48). 2 flexible.
struct DescribeDelegationTokenHandler: APIHandler {
    static let versions: ClosedRange<Int16> = 1...3

    func handle(
        _ request: DescribeDelegationTokenRequest,
        _ context: RequestContext
    ) async -> Reply<DescribeDelegationTokenResponse> {
        .respond(DescribeDelegationTokenResponse(errorCode: .delegationTokenRequestNotAllowed))
    }
}

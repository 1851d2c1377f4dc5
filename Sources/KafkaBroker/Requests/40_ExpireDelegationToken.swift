import KafkaMessages

/// ExpireDelegationToken (40), versions 1 to 3: never on a connection whose client has not logged in (KIP-48). 2 flexible.
struct ExpireDelegationTokenHandler: APIHandler {
    static let versions: ClosedRange<Int16> = 1...3

    func handle(
        _ request: ExpireDelegationTokenRequest,
        _ context: RequestContext
    ) async -> Reply<ExpireDelegationTokenResponse> {
        .respond(ExpireDelegationTokenResponse(errorCode: .delegationTokenRequestNotAllowed))
    }
}

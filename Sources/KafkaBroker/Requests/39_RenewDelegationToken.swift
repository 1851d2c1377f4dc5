import KafkaMessages

/// RenewDelegationToken (39), versions 1 to 3: never on a connection whose client has not logged in (KIP-48). 2 flexible.
struct RenewDelegationTokenHandler: APIHandler {
    static let versions: ClosedRange<Int16> = 1...3

    func handle(
        _ request: RenewDelegationTokenRequest,
        _ context: RequestContext
    ) async -> Reply<RenewDelegationTokenResponse> {
        .respond(RenewDelegationTokenResponse(errorCode: .delegationTokenRequestNotAllowed))
    }
}

import KafkaMessages
import NIOCore

extension KafkaAdmin {
    /// Makes a token for the principal of this connection, or for `owner`.
    ///
    /// - Parameters:
    ///   - maxLifetimeMs: how long it can be made to live, in milliseconds; -1 for what the broker allows.
    ///   - renewers: who may make it live longer, besides the owner.
    /// - Throws: DELEGATION_TOKEN_REQUEST_NOT_ALLOWED on a connection without login, or with the login of a token.
    public func createDelegationToken(
        owner: Principal? = nil,
        renewers: [Principal],
        maxLifetimeMs: Int64,
        timeout: Duration? = nil
    ) async throws(KafkaClientError) -> DelegationToken {
        var request = CreateDelegationTokenRequest()
        request.ownerPrincipalType = owner?.type
        request.ownerPrincipalName = owner?.name
        request.renewers = renewers.map { .init(principalType: $0.type, principalName: $0.name) }
        request.maxLifetimeMs = maxLifetimeMs
        let response = try await change(request, timeout, "No token was made") { $0.errorCode }
        let made = Principal(type: response.principalType, name: response.principalName)
        let requester = Principal(
            type: response.tokenRequesterPrincipalType,
            name: response.tokenRequesterPrincipalName
        )
        return DelegationToken(
            id: response.tokenId,
            hmac: Array(response.hmac.readableBytesView),
            owner: "\(made)",
            requester: "\(requester.name.isEmpty ? made : requester)",
            renewers: renewers.map(\.description),
            issuedMs: response.issueTimestampMs,
            expiresMs: response.expiryTimestampMs,
            latestMs: response.maxTimestampMs
        )
    }

    /// Makes a token live longer.
    ///
    /// - Parameter periodMs: from now, in milliseconds; -1 for the broker's default.
    /// - Returns: when it expires, in milliseconds since 1970.
    public func renewDelegationToken(
        hmac: [UInt8],
        periodMs: Int64,
        timeout: Duration? = nil
    ) async throws(KafkaClientError) -> Int64 {
        var request = RenewDelegationTokenRequest()
        request.hmac = ByteBuffer(bytes: hmac)
        request.renewPeriodMs = periodMs
        return try await change(request, timeout, "The token was not renewed") { $0.errorCode }.expiryTimestampMs
    }

    /// Makes a token expire sooner.
    ///
    /// - Parameter periodMs: from now, in milliseconds; -1 for at once.
    /// - Returns: when it expires, in milliseconds since 1970.
    public func expireDelegationToken(
        hmac: [UInt8],
        periodMs: Int64,
        timeout: Duration? = nil
    ) async throws(KafkaClientError) -> Int64 {
        var request = ExpireDelegationTokenRequest()
        request.hmac = ByteBuffer(bytes: hmac)
        request.expiryTimePeriodMs = periodMs
        return try await change(request, timeout, "The token does not expire sooner") { $0.errorCode }.expiryTimestampMs
    }

    /// The tokens of some owners, as far as this principal may see them.
    ///
    /// - Parameter owners: `nil` for all.
    public func describeDelegationTokens(
        owners: [Principal]? = nil,
        timeout: Duration? = nil
    ) async throws(KafkaClientError) -> [DelegationToken] {
        var request = DescribeDelegationTokenRequest()
        request.owners = owners.map { owners in owners.map { .init(principalType: $0.type, principalName: $0.name) } }
        let response = try await cluster.call(request, deadline: deadline(timeout))
        guard response.errorCode == .none else {
            throw KafkaClientError("Tokens cannot be described", response.errorCode)
        }
        return response.tokens.map { token in
            let owner = Principal(type: token.principalType, name: token.principalName)
            let requester = Principal(type: token.tokenRequesterPrincipalType, name: token.tokenRequesterPrincipalName)
            return DelegationToken(
                id: token.tokenId,
                hmac: Array(token.hmac.readableBytesView),
                owner: "\(owner)",
                // Before version 3 who asked is the owner.
                requester: "\(requester.name.isEmpty ? owner : requester)",
                renewers: token.renewers.map { "\($0.principalType):\($0.principalName)" },
                issuedMs: token.issueTimestamp,
                expiresMs: token.expiryTimestamp,
                latestMs: token.maxTimestamp
            )
        }
    }

    /// Has the controller make or change a token.
    private func change<Request: KafkaRequest>(
        _ request: Request,
        _ timeout: Duration?,
        _ what: String,
        error: (Request.Response) -> ErrorCode
    ) async throws(KafkaClientError) -> Request.Response where Request.Response: Sendable {
        let response = try await cluster.call(request, to: .controller, deadline: deadline(timeout)) {
            (response) throws(KafkaClientError) in
            try Self.checkController([error(response)])
        }
        guard error(response) == .none else { throw KafkaClientError(what, error(response)) }
        return response
    }
}

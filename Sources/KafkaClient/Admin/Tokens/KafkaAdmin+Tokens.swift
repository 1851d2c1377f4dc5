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
        let response = try await cluster.call(request, to: .controller, deadline: deadline(timeout)) {
            (response) throws(KafkaClientError) in
            try Self.checkController([response.errorCode])
        }
        guard response.errorCode == .none else { throw KafkaClientError("No token was made", response.errorCode) }
        let made = Principal(type: response.principalType, name: response.principalName)
        // Before version 3 the owner is who asked.
        let requester =
            response.tokenRequesterPrincipalName.isEmpty
            ? made : Principal(type: response.tokenRequesterPrincipalType, name: response.tokenRequesterPrincipalName)
        return DelegationToken(
            id: response.tokenId,
            hmac: Array(response.hmac.readableBytesView),
            owner: "\(made)",
            requester: "\(requester)",
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
        let response = try await cluster.call(request, to: .controller, deadline: deadline(timeout)) {
            (response) throws(KafkaClientError) in
            try Self.checkController([response.errorCode])
        }
        guard response.errorCode == .none else {
            throw KafkaClientError("The token was not renewed", response.errorCode)
        }
        return response.expiryTimestampMs
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
        let response = try await cluster.call(request, to: .controller, deadline: deadline(timeout)) {
            (response) throws(KafkaClientError) in
            try Self.checkController([response.errorCode])
        }
        guard response.errorCode == .none else {
            throw KafkaClientError("The token does not expire sooner", response.errorCode)
        }
        return response.expiryTimestampMs
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
            let requester =
                token.tokenRequesterPrincipalName.isEmpty
                ? owner : Principal(type: token.tokenRequesterPrincipalType, name: token.tokenRequesterPrincipalName)
            return DelegationToken(
                id: token.tokenId,
                hmac: Array(token.hmac.readableBytesView),
                owner: "\(owner)",
                requester: "\(requester)",
                renewers: token.renewers.map { "\($0.principalType):\($0.principalName)" },
                issuedMs: token.issueTimestamp,
                expiresMs: token.expiryTimestamp,
                latestMs: token.maxTimestamp
            )
        }
    }
}

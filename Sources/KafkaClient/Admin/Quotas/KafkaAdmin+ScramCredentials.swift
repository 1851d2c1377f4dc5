import KafkaMessages
import KafkaWire
import NIOCore

extension KafkaAdmin {
    /// Which SCRAM credentials users have; their secrets cannot be told.
    ///
    /// - Parameter users: `nil` for all that have one.
    /// - Returns: the credentials, or why they cannot be told, by user; RESOURCE_NOT_FOUND for a user without any.
    public func describeUserScramCredentials(
        _ users: [String]? = nil,
        timeout: Duration? = nil
    ) async throws(KafkaClientError) -> [String: Result<[ScramCredential], KafkaClientError>] {
        var request = DescribeUserScramCredentialsRequest()
        request.users = users.map { $0.map { .init(name: $0) } }
        let response = try await cluster.call(request, deadline: deadline(timeout))
        guard response.errorCode == .none else {
            throw KafkaClientError("Credentials cannot be described", response.errorCode, detail: response.errorMessage)
        }
        var results: [String: Result<[ScramCredential], KafkaClientError>] = [:]
        for result in response.results {
            guard result.errorCode == .none else {
                let what = "The credentials of user '\(result.user)' cannot be described"
                results[result.user] = .failure(KafkaClientError(what, result.errorCode, detail: result.errorMessage))
                continue
            }
            results[result.user] = .success(
                result.credentialInfos.map {
                    ScramCredential(mechanism: ScramMechanism(rawValue: $0.mechanism), iterations: Int($0.iterations))
                }
            )
        }
        return results
    }

    /// Sets and deletes users' SCRAM credentials. Passwords are salted and hashed here; brokers refuse two changes of
    /// one user in one call.
    ///
    /// - Returns: success, or why not, by user.
    /// - Throws: when the controller could not be asked.
    public func alterUserScramCredentials(
        _ changes: [(user: String, change: ScramChange)],
        timeout: Duration? = nil
    ) async throws(KafkaClientError) -> [String: Result<Void, KafkaClientError>] {
        var request = AlterUserScramCredentialsRequest()
        for (user, change) in changes {
            switch change {
            case .delete(let mechanism):
                request.deletions.append(.init(name: user, mechanism: mechanism.rawValue))
            case .set(let password, let mechanism, let iterations):
                request.upsertions.append(try Self.upsertion(user, password, mechanism, iterations))
            }
        }
        let response = try await cluster.call(request, to: .controller, deadline: deadline(timeout)) {
            (response) throws(KafkaClientError) in
            try Self.checkController(response.results.map(\.errorCode))
        }
        var results: [String: Result<Void, KafkaClientError>] = [:]
        for result in response.results {
            results[result.user] = Self.result(
                result.errorCode,
                result.errorMessage,
                "The credentials of user '\(result.user)' were not changed"
            )
        }
        for (user, _) in changes where results[user] == nil {
            results[user] = .failure(
                KafkaClientError(.protocolViolation, "The broker did not answer for the credentials of user '\(user)'.")
            )
        }
        return results
    }

    private static let saltBytes = 24

    private static func upsertion(
        _ user: String,
        _ password: String,
        _ mechanism: ScramMechanism,
        _ iterations: Int
    ) throws(KafkaClientError) -> AlterUserScramCredentialsRequest.ScramCredentialUpsertion {
        // The broker would refuse it, but a huge number would keep this side busy for hours first.
        guard ScramMechanism.iterations.contains(iterations) else {
            throw KafkaClientError(
                .invalidArgument,
                "\(mechanism.name) takes \(ScramMechanism.iterations.lowerBound) to "
                    + "\(ScramMechanism.iterations.upperBound) iterations, not \(iterations)."
            )
        }
        var generator = SystemRandomNumberGenerator()
        let salt = (0..<saltBytes).map { _ in UInt8.random(in: 0...UInt8.max, using: &generator) }
        let salted = mechanism.algorithm.saltedPassword(password, salt: salt, iterations: iterations)
        return AlterUserScramCredentialsRequest.ScramCredentialUpsertion(
            name: user,
            mechanism: mechanism.rawValue,
            iterations: Int32(iterations),
            salt: ByteBuffer(bytes: salt),
            saltedPassword: ByteBuffer(bytes: salted)
        )
    }
}

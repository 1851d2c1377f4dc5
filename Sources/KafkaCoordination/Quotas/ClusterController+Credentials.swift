package import KafkaMessages
import KafkaWire
import NIOCore

/// Which password of whom.
package struct ScramCredentialID: Hashable, Sendable {
    package var user: String
    /// With the protocol's numbers.
    package var mechanism: Int8

    package init(user: String, mechanism: Int8) {
        self.user = user
        self.mechanism = mechanism
    }
}

extension ClusterController {
    /// The first metadata version with SCRAM credentials: 3.5-IV2.
    private static let scramVersion: Int16 = 11

    /// AlterUserScramCredentials: sets and deletes credentials, at most one of each user.
    package func alterUserScramCredentials(
        _ request: AlterUserScramCredentialsRequest
    ) -> ControllerResult<AlterUserScramCredentialsResponse> {
        var counts: [String: Int] = [:]
        for name in request.deletions.map(\.name) + request.upsertions.map(\.name) { counts[name, default: 0] += 1 }
        var result = ControllerResult(answer: AlterUserScramCredentialsResponse())
        func add(_ user: String, _ change: () throws(ControllerError) -> MetadataRecord) {
            guard counts[user] == 1 else { return }
            var answer = AlterUserScramCredentialsResponse.AlterUserScramCredentialsResult(user: user)
            do throws(ControllerError) {
                result.records.append(try change())
            } catch {
                answer.errorCode = error.code
                answer.errorMessage = error.message
            }
            result.answer.results.append(answer)
        }
        for deletion in request.deletions {
            add(deletion.name) { () throws(ControllerError) in try record(deletion) }
        }
        for upsertion in request.upsertions {
            add(upsertion.name) { () throws(ControllerError) in try record(upsertion) }
        }
        for user in counts.filter({ $0.value > 1 }).keys.sorted() {
            result.answer.results.append(
                AlterUserScramCredentialsResponse.AlterUserScramCredentialsResult(
                    user: user,
                    errorCode: .duplicateResource,
                    errorMessage: "A user credential cannot be altered twice in the same request"
                )
            )
        }
        return result
    }

    private func algorithm(_ user: String, _ mechanism: Int8) throws(ControllerError) -> ScramAlgorithm {
        if let version = image.features["metadata.version"], version < Self.scramVersion {
            throw ControllerError(.unsupportedVersion, "The current metadata.version does not support SCRAM")
        }
        guard !user.isEmpty else { throw ControllerError(.unacceptableCredential, "Username must not be empty") }
        guard let algorithm = ScramAlgorithm(rawValue: mechanism) else {
            throw ControllerError(.unsupportedSaslMechanism, "Unknown SCRAM mechanism")
        }
        return algorithm
    }

    private func record(
        _ deletion: AlterUserScramCredentialsRequest.ScramCredentialDeletion
    ) throws(ControllerError) -> MetadataRecord {
        _ = try algorithm(deletion.name, deletion.mechanism)
        guard image.scramCredentials[.init(user: deletion.name, mechanism: deletion.mechanism)] != nil else {
            throw ControllerError(
                .resourceNotFound,
                "Attempt to delete a user credential that does not exist"
            )
        }
        return .removeUserScramCredential(
            RemoveUserScramCredentialRecord(name: deletion.name, mechanism: deletion.mechanism)
        )
    }

    private func record(
        _ upsertion: AlterUserScramCredentialsRequest.ScramCredentialUpsertion
    ) throws(ControllerError) -> MetadataRecord {
        let algorithm = try algorithm(upsertion.name, upsertion.mechanism)
        let iterations = Int(upsertion.iterations)
        if iterations < ScramAlgorithm.iterations.lowerBound {
            throw ControllerError(.unacceptableCredential, "Too few iterations")
        }
        if iterations > ScramAlgorithm.iterations.upperBound {
            throw ControllerError(.unacceptableCredential, "Too many iterations")
        }
        guard upsertion.salt.readableBytes > 0, upsertion.saltedPassword.readableBytes > 0 else {
            throw ControllerError(.unacceptableCredential, "The salt or the salted password is missing")
        }
        let keys = algorithm.serverKeys(saltedPassword: Array(upsertion.saltedPassword.readableBytesView))
        return .userScramCredential(
            UserScramCredentialRecord(
                name: upsertion.name,
                mechanism: upsertion.mechanism,
                salt: upsertion.salt,
                storedKey: ByteBuffer(bytes: keys.stored),
                serverKey: ByteBuffer(bytes: keys.server),
                iterations: upsertion.iterations
            )
        )
    }
}

extension MetadataImage {
    /// DescribeUserScramCredentials: which mechanisms users have, without secrets.
    package func describeUserScramCredentials(
        _ request: DescribeUserScramCredentialsRequest
    ) -> DescribeUserScramCredentialsResponse {
        var known: [String: [UserScramCredentialRecord]] = [:]
        for (id, credential) in scramCredentials { known[id.user, default: []].append(credential) }
        let asked = (request.users ?? []).map(\.name)
        var counts: [String: Int] = [:]
        for name in asked { counts[name, default: 0] += 1 }
        let users = asked.isEmpty ? known.keys.sorted() : counts.keys.sorted()
        return DescribeUserScramCredentialsResponse(
            results: users.map { user in
                var result = DescribeUserScramCredentialsResponse.DescribeUserScramCredentialsResult(user: user)
                if counts[user, default: 1] > 1 {
                    result.errorCode = .duplicateResource
                    result.errorMessage =
                        "Cannot describe SCRAM credentials for the same user twice in a single request"
                } else if let credentials = known[user] {
                    result.credentialInfos = credentials.sorted { $0.mechanism < $1.mechanism }.map {
                        .init(mechanism: $0.mechanism, iterations: $0.iterations)
                    }
                } else {
                    result.errorCode = .resourceNotFound
                    result.errorMessage = "Attempt to describe a user credential that does not exist: \(user)"
                }
                return result
            }
        )
    }
}

import KafkaMessages
import KafkaTestSupport
import NIOCore
import Testing

@testable import KafkaClient
@testable import SwkafkaCommands

@Suite(.timeLimit(.minutes(1))) struct DelegationTokensTests {
    private static var script: ScriptedCluster.Script {
        var script = ScriptedCluster.Script()
        script.answerBasics(topics: [:])
        script.answer(CreateDelegationTokenRequest.self, versions: 1...3) { request, _ in
            var response = CreateDelegationTokenResponse()
            response.principalType = request.ownerPrincipalType ?? "User"
            response.principalName = request.ownerPrincipalName ?? "alice"
            response.tokenId = "AbC"
            response.hmac = ByteBuffer(bytes: [1, 2, 3])
            response.issueTimestampMs = 0
            response.expiryTimestampMs = 86_400_000
            response.maxTimestampMs = max(0, request.maxLifetimeMs)
            return response
        }
        script.answer(DescribeDelegationTokenRequest.self, versions: 1...3) { request, _ in
            var token = DescribeDelegationTokenResponse.DescribedDelegationToken()
            token.principalType = "User"
            token.principalName = request.owners?.first?.principalName ?? "alice"
            token.tokenId = "AbC"
            token.hmac = ByteBuffer(bytes: [1, 2, 3])
            token.renewers = [.init(principalType: "User", principalName: "r")]
            return DescribeDelegationTokenResponse(tokens: [token])
        }
        script.answer(RenewDelegationTokenRequest.self, versions: 1...2) { request, _ in
            let isRight = request.hmac == ByteBuffer(bytes: [1, 2, 3])
            return RenewDelegationTokenResponse(
                errorCode: isRight ? .none : .delegationTokenNotFound,
                expiryTimestampMs: 0
            )
        }
        return script
    }

    @Test func made() async throws {
        try await ScriptedCluster.with(Self.script) { cluster in
            let bench = CommandBench(address: cluster.address)
            let made = try await bench.run(
                "delegation-tokens",
                "--create",
                "--max-life-time-period",
                "-1",
                "--renewer-principal",
                "User:r"
            )
            let lines = made.output.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
            #expect(made.status == 0)
            #expect(lines[0] == "Calling create token operation with renewers :[User:r] , max-life-time-period :-1")
            #expect(lines[1] == "Created delegation token with tokenId : AbC")
            #expect(lines[2] == "" && lines[4] == "")
            #expect(lines[3].hasPrefix("TOKENID         HMAC                           OWNER           REQUESTER"))
            #expect(
                lines[5].hasPrefix(
                    "AbC             AQID                           User:alice      User:alice      [User:r]"
                )
            )
        }
    }

    @Test func shownRenewedAndRefused() async throws {
        try await ScriptedCluster.with(Self.script) { cluster in
            let bench = CommandBench(address: cluster.address)
            let shown = try await bench.run("delegation-tokens", "--describe", "--owner-principal", "User:bob")
            #expect(shown.output.hasPrefix("Calling describe token operation for owners: [User:bob]\n"))
            #expect(shown.output.contains("Total number of tokens : 1\n"))
            #expect(shown.output.contains("User:bob"))
            let renewed = try await bench.run(
                "delegation-tokens",
                "--renew",
                "--hmac",
                "AQID",
                "--renew-time-period",
                "-1"
            )
            #expect(renewed.status == 0)
            #expect(renewed.output.contains("Completed renew operation. New expiry date : 1970-01-0"))
            let unknown = try await bench.run(
                "delegation-tokens",
                "--renew",
                "--hmac",
                "AQIE",
                "--renew-time-period",
                "-1"
            )
            #expect(unknown.status == 1)
            #expect(unknown.errors.contains("DELEGATION_TOKEN_NOT_FOUND"))
        }
    }

    /// The bundled broker has no logins, and so no tokens.
    @Test func withoutLogin() async throws {
        try await CommandBench.with { bench in
            let result = try await bench.run("delegation-tokens", "--describe")
            #expect(result.status == 1)
            #expect(result.errors.contains("DELEGATION_TOKEN_REQUEST_NOT_ALLOWED"))
        }
    }

    @Test(arguments: [
        ["--create"], ["--renew", "--hmac", "AQID"], ["--create", "--max-life-time-period", "1", "--hmac", "AQID"],
        ["--renew", "--hmac", "?", "--renew-time-period", "1"],
        ["--create", "--max-life-time-period", "1", "--renewer-principal", "r"],
    ])
    func wrongWords(words: [String]) async {
        let result = await transcript(["delegation-tokens", "--bootstrap-server", "127.0.0.1:1"] + words)
        #expect(result.status == 2, "\(result)")
    }
}

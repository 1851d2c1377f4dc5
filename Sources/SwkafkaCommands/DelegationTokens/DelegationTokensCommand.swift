import ArgumentParser
import KafkaClient

/// `swkafka delegation-tokens`: tokens that stand for a principal who has logged in.
struct DelegationTokensCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "delegation-tokens",
        abstract: "Make, renew, expire and show delegation tokens.",
        discussion: """
            Tokens are made on a connection that has logged in by SASL or TLS and not with a token itself; this version \
            connects in plain text only, which brokers answer with DELEGATION_TOKEN_REQUEST_NOT_ALLOWED.

            JSON
              --describe: [{tokenId, hmac, owner, requester, renewers, issuedMs, expiresMs, maxMs}], the same \
            with one item for --create.

            EXAMPLES
              swkafka delegation-tokens --bootstrap-server localhost:9092 \\
                --command-config client.properties --create \\
                --max-life-time-period -1 --renewer-principal User:bob
              swkafka delegation-tokens --bootstrap-server localhost:9092 \\
                --command-config client.properties --describe

            DIFFERENCES
              --command-config may be left out. Lines end with a line feed where Kafka's do not.
            """
    )

    static let repeatable: Set<String> = ["owner-principal", "renewer-principal"]

    @OptionGroup(title: "Connection") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    @Flag(help: "Make a token.") var create = false
    @Flag(help: "Make a token live longer.") var renew = false
    @Flag(help: "Make a token expire sooner.") var expire = false
    @Flag(help: "Show tokens.") var describe = false
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("With --create: how long it can be made to live; -1 is the broker's.", valueName: "ms")
    )
    var maxLifeTimePeriod: Int64?
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("With --renew: how long from now; -1 is the broker's default.", valueName: "ms")
    )
    var renewTimePeriod: Int64?
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("With --expire: how long from now; -1 is at once.", valueName: "ms")
    )
    var expiryTimePeriod: Int64?
    @Option(parsing: .unconditional, help: ArgumentHelp("What proves the token.", valueName: "base64"))
    var hmac: String?
    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp("With --create: who else may renew it; may be repeated.", valueName: "type:name")
    )
    var renewerPrincipal: [String] = []
    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp("For whom; with --describe may be repeated.", valueName: "type:name")
    )
    var ownerPrincipal: [String] = []

    func validate() throws {
        guard [create, renew, expire, describe].count(where: { $0 }) == 1 else {
            throw ValidationError("Give exactly one action: --create, --renew, --expire or --describe.")
        }
        let needed: [(String, Bool, Bool)] = [
            ("max-life-time-period", create, maxLifeTimePeriod != nil), ("hmac", renew || expire, hmac != nil),
            ("renew-time-period", renew, renewTimePeriod != nil),
            ("expiry-time-period", expire, expiryTimePeriod != nil),
        ]
        for (option, isNeeded, isGiven) in needed where isNeeded != isGiven {
            throw ValidationError(
                isNeeded ? "Missing required option --\(option)." : "Option --\(option) cannot be used here."
            )
        }
        if !create, !renewerPrincipal.isEmpty { throw ValidationError("--renewer-principal goes with --create only.") }
        if !create, !describe, !ownerPrincipal.isEmpty {
            throw ValidationError("--owner-principal goes with --create and --describe only.")
        }
        if create, ownerPrincipal.count > 1 { throw ValidationError("A token has one --owner-principal.") }
        for name in renewerPrincipal + ownerPrincipal where Principal(name) == nil {
            throw ValidationError("'\(name)' is no principal: give type and name, as in User:alice.")
        }
        if let hmac, Base64.bytes(hmac) == nil { throw ValidationError("'\(hmac)' for --hmac is not in base64.") }
        if renew || expire, output.format != .text {
            throw ValidationError("Option --output goes with --create and --describe only.")
        }
    }

    func execute(_ context: CommandContext) async throws -> ExitStatus {
        try await ClientSession(connection).administer(context) { admin in
            if create { return try await create(admin, context) }
            if describe { return try await describe(admin, context) }
            return try await change(admin, context)
        }
    }

    private func create(_ admin: KafkaAdmin, _ context: CommandContext) async throws -> ExitStatus {
        if output.format == .text {
            try context.output.write(
                "Calling create token operation with renewers :[\(renewerPrincipal.joined(separator: ", "))] , "
                    + "max-life-time-period :\(maxLifeTimePeriod ?? -1)\n"
            )
        }
        let token = try await admin.createDelegationToken(
            owner: ownerPrincipal.first.flatMap { Principal($0) },
            renewers: renewerPrincipal.compactMap { Principal($0) },
            maxLifetimeMs: maxLifeTimePeriod ?? -1
        )
        let heading = "Created delegation token with tokenId : \(token.id)\n"
        return try show([token], heading: heading, context)
    }

    private func describe(_ admin: KafkaAdmin, _ context: CommandContext) async throws -> ExitStatus {
        if output.format == .text {
            let whose =
                ownerPrincipal.isEmpty ? "current user." : "owners: [\(ownerPrincipal.joined(separator: ", "))]"
            try context.output.write("Calling describe token operation for \(whose)\n")
        }
        let owners = ownerPrincipal.isEmpty ? nil : ownerPrincipal.compactMap { Principal($0) }
        let tokens = try await admin.describeDelegationTokens(owners: owners).sorted { $0.id < $1.id }
        return try show(tokens, heading: "Total number of tokens : \(tokens.count)\n", context)
    }

    private func show(
        _ tokens: [DelegationToken],
        heading: String,
        _ context: CommandContext
    ) throws -> ExitStatus {
        let output = try DelegationTokensOutput(tokens)
        try context.print(
            self.output.format,
            text: { heading + output.text },
            table: { output.table(colour: $0) },
            value: { output.value }
        )
        return .success
    }

    private func change(_ admin: KafkaAdmin, _ context: CommandContext) async throws -> ExitStatus {
        let hmac = hmac.flatMap { Base64.bytes($0) } ?? []
        let word = renew ? "renew" : "expire"
        let period = renew ? renewTimePeriod ?? -1 : expiryTimePeriod ?? -1
        try context.output.write(
            "Calling \(word) token operation with hmac :\(self.hmac ?? "") , "
                + "\(renew ? "renew" : "expiry")-time-period :\(period)\n"
        )
        let expiry =
            renew
            ? try await admin.renewDelegationToken(hmac: hmac, periodMs: period)
            : try await admin.expireDelegationToken(hmac: hmac, periodMs: period)
        let date = try DelegationTokensOutput.dateFormat().text(expiry)
        try context.output.write("Completed \(word) operation. New expiry date : \(date)\n")
        return .success
    }
}

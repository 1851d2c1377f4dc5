import KafkaClient

/// What `delegation-tokens` prints.
struct DelegationTokensOutput {
    private let tokens: [DelegationToken]
    private let dates: JavaDateFormat

    init(_ tokens: [DelegationToken]) throws(CommandFailure) {
        self.tokens = tokens
        dates = try Self.dateFormat()
    }

    static func dateFormat() throws(CommandFailure) -> JavaDateFormat {
        try JavaDateFormat("yyyy-MM-dd'T'HH:mm")
    }

    private static let titles = [
        "TOKENID", "HMAC", "OWNER", "REQUESTER", "RENEWERS", "ISSUEDATE", "EXPIRYDATE", "MAXDATE",
    ]
    private static let widths = [15, 30, 15, 15, 25, 15, 15, 15]

    private func cells(_ token: DelegationToken) -> [String] {
        [
            token.id, Base64.text(token.hmac), token.owner, token.requester,
            "[\(token.renewers.joined(separator: ", "))]", dates.text(token.issuedMs),
            dates.text(token.expiresMs), dates.text(token.latestMs),
        ]
    }

    /// Kafka's columns of fixed widths, each line between empty ones.
    var text: String {
        ([Self.titles] + tokens.map(cells)).map { cells in
            "\n"
                + zip(cells, Self.widths).map { cell, width in
                    cell + String(repeating: " ", count: max(0, width - cell.count))
                }.joined(separator: " ") + "\n"
        }.joined()
    }

    func table(colour: Bool) -> String {
        var table = TextTable(Self.titles.map { .left($0) })
        for token in tokens { table.add(cells(token).map { .init($0) }) }
        return table.text(colour: colour)
    }

    var value: DataValue {
        .array(
            tokens.map { token in
                .members([
                    "tokenId": .string(token.id), "hmac": .string(Base64.text(token.hmac)),
                    "owner": .string(token.owner), "requester": .string(token.requester),
                    "renewers": .strings(token.renewers), "issuedMs": .int(token.issuedMs),
                    "expiresMs": .int(token.expiresMs), "maxMs": .int(token.latestMs),
                ])
            }
        )
    }
}

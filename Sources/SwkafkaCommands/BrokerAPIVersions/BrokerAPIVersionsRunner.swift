import KafkaClient
import KafkaMessages

/// Carries out `broker-api-versions`.
struct BrokerAPIVersionsRunner {
    var command: BrokerAPIVersionsCommand
    var context: CommandContext

    func run() async throws -> ExitStatus {
        try await ClientSession(command.connection).administer(context) { admin in
            let answers = try await admin.apiVersions()
            let brokers = answers.sorted { $0.key.id < $1.key.id }.map(Self.broker)
            try context.print(
                command.output.format,
                text: { brokers.map(BrokerAPIVersionsOutput.text).joined() },
                table: { BrokerAPIVersionsOutput.table(brokers, colour: $0) },
                value: { BrokerAPIVersionsOutput.value(brokers) }
            )
            let failed = answers.values.contains { if case .failure = $0 { true } else { false } }
            return failed ? .failure : .success
        }
    }

    private static func broker(
        _ node: Node,
        _ answer: Result<ApiVersionsResponse, KafkaClientError>
    ) -> BrokerAPIVersionsOutput.Broker {
        var broker = BrokerAPIVersionsOutput.Broker(
            address: node.address.description,
            id: node.id,
            rack: node.rack,
            result: .apis([])
        )
        switch answer {
        case .failure(let error): broker.result = .error(error.message)
        case .success(let response): broker.result = .apis(apis(response))
        }
        return broker
    }

    /// What the broker offers, and what else we know.
    private static func apis(_ response: ApiVersionsResponse) -> [BrokerAPIVersionsOutput.API] {
        var apis: [Int16: BrokerAPIVersionsOutput.API] = [:]
        for key in APIKey.allCases {
            apis[key.rawValue] = .init(key: key.rawValue, name: key.name, offered: nil, known: key.validVersions)
        }
        for offered in response.apiKeys where offered.minVersion <= offered.maxVersion {
            let range = offered.minVersion...offered.maxVersion
            if apis[offered.apiKey] == nil {
                apis[offered.apiKey] = .init(key: offered.apiKey, name: nil, offered: range, known: nil)
            } else {
                apis[offered.apiKey]?.offered = range
            }
        }
        return Array(apis.values)
    }
}

import KafkaMessages
import Testing

@testable import KafkaBroker

@Suite struct ConfigsTests {
    private func describe(
        _ client: TestClient,
        _ type: Int8,
        _ name: String,
        keys: [String]? = nil,
        version: Int16 = 4
    ) async throws -> DescribeConfigsResponse.DescribeConfigsResult {
        let request = DescribeConfigsRequest(
            resources: [.init(resourceType: type, resourceName: name, configurationKeys: keys)],
            includeSynonyms: true,
            includeDocumentation: version >= 3
        )
        return try await client.send(request, version: version).results[0]
    }

    @Test func describesTopicsAndBrokers() async throws {
        try await withBroker(["log.segment.bytes": "50000"]) { client async throws -> Void in
            try await client.create("t", configs: ["retention.ms": "7"])
            for version in Int16(1)...4 {
                let all = try await describe(client, 2, "t", version: version)
                #expect(all.errorCode == .none)
                #expect(all.configs.map(\.name) == all.configs.map(\.name).sorted())
                let segment = try #require(all.configs.first { $0.name == "segment.bytes" })
                #expect(segment.value == "50000" && segment.configSource == 4)
                #expect(segment.synonyms.map(\.source) == [4, 5])
                if version >= 3 { #expect(segment.configType == 3 && segment.documentation?.isEmpty == false) }
            }
            let one = try await describe(client, 2, "t", keys: ["retention.ms"])
            #expect(one.configs.map(\.value) == ["7"])
            let broker = try await describe(client, 4, "1")
            #expect(broker.configs.first { $0.name == "log.segment.bytes" }?.configSource == 4)
            #expect(broker.configs.first { $0.name == "num.partitions" }?.readOnly == true)
            #expect(try await describe(client, 4, "").configs.isEmpty)
            #expect(try await describe(client, 2, "nope").errorCode == .unknownTopicOrPartition)
            #expect(try await describe(client, 4, "9").errorCode == .invalidRequest)
            #expect(try await describe(client, 77, "x").errorCode == .invalidRequest)
        }
    }

    @Test func changesHaveEffectAtOnce() async throws {
        try await withBroker { client async throws -> Void in
            try await client.create("t")
            let big = try batch([String(repeating: "x", count: 500)])
            #expect(try await client.produce("t", big).errorCode == .none)
            let set = { (type: Int8, name: String, key: String, value: String?) in
                let request = IncrementalAlterConfigsRequest(resources: [
                    .init(
                        resourceType: type,
                        resourceName: name,
                        configs: [.init(name: key, configOperation: value == nil ? 1 : 0, value: value)]
                    )
                ])
                return try await client.send(request).responses[0].errorCode
            }
            #expect(try await set(2, "t", "max.message.bytes", "100") == .none)
            #expect(try await client.produce("t", big).errorCode == .messageTooLarge)
            #expect(try await set(2, "t", "max.message.bytes", nil) == .none)
            #expect(try await client.produce("t", big).errorCode == .none)
            #expect(try await set(4, "", "message.max.bytes", "100") == .none)
            #expect(try await client.produce("t", big).errorCode == .messageTooLarge)
            #expect(try await set(4, "1", "num.partitions", "100") == .invalidRequest)
            let old = AlterConfigsRequest(resources: [
                .init(resourceType: 2, resourceName: "t", configs: [.init(name: "max.message.bytes", value: "9999")])
            ])
            #expect(try await client.send(old).responses[0].errorCode == .none)
            #expect(try await client.produce("t", big).errorCode == .none)
        }
    }
}

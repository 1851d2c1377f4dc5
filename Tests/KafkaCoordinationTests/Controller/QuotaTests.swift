import KafkaMessages
import NIOCore
import Testing

@testable import KafkaCoordination

@Suite struct QuotaTests {
    private func alter(
        _ world: inout ControllerWorld,
        _ entity: [(String, String?)],
        _ values: [(String, Double?)],
        validateOnly: Bool = false
    ) throws -> ErrorCode {
        let request = AlterClientQuotasRequest(
            entries: [
                .init(
                    entity: entity.map { .init(entityType: $0.0, entityName: $0.1) },
                    ops: values.map { .init(key: $0.0, value: $0.1 ?? 0, remove: $0.1 == nil) }
                )
            ],
            validateOnly: validateOnly
        )
        return try world.commit(world.controller.alterClientQuotas(request)).entries[0].errorCode
    }

    private func describe(
        _ world: ControllerWorld,
        _ components: [(String, Int8, String?)],
        strict: Bool = true
    ) -> [String] {
        let request = DescribeClientQuotasRequest(
            components: components.map { .init(entityType: $0.0, matchType: $0.1, match: $0.2) },
            strict: strict
        )
        let response = world.image.describeClientQuotas(request)
        guard response.errorCode == .none else { return ["\(response.errorCode.rawValue)"] }
        return (response.entries ?? []).map { entry in
            let entity = entry.entity.map { "\($0.entityType)=\($0.entityName ?? "*")" }.joined(separator: ",")
            return "\(entity): " + entry.values.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
        }
    }

    @Test func quotasAreSetShownAndTakenBack() throws {
        var world = ControllerWorld()
        let alice: (String, String?) = ("user", "alice")
        #expect(try alter(&world, [alice], [("producer_byte_rate", 5), ("consumer_byte_rate", 2e7)]) == .none)
        #expect(try alter(&world, [("user", nil)], [("request_percentage", 50.5)]) == .none)
        #expect(try alter(&world, [("client-id", "app"), alice], [("controller_mutation_rate", 1.5)]) == .none)
        #expect(try alter(&world, [("client-id", nil)], [("request_percentage", 1)]) == .none)
        #expect(try alter(&world, [("ip", "10.0.0.1")], [("connection_creation_rate", 5)]) == .none)
        let users = [
            "user=*: request_percentage=50.5", "user=alice: consumer_byte_rate=20000000.0,producer_byte_rate=5.0",
        ]
        #expect(describe(world, [("user", 2, nil)]) == users)
        #expect(describe(world, [("user", 0, "alice")]) == [users[1]])
        #expect(describe(world, [("user", 1, nil)]) == [users[0]])
        let pair = "user=alice,client-id=app: controller_mutation_rate=1.5"
        #expect(describe(world, [("user", 0, "alice")], strict: false) == [users[1], pair])
        #expect(describe(world, [("client-id", 2, nil), ("user", 2, nil)]) == [pair])
        #expect(describe(world, [("ip", 2, nil)]) == ["ip=10.0.0.1: connection_creation_rate=5.0"])
        #expect(describe(world, [], strict: false).count == 5)
        #expect(describe(world, []).isEmpty)
        // Setting what is set already, or removing what is not, changes nothing.
        let length = world.log.count
        #expect(try alter(&world, [alice], [("producer_byte_rate", 5), ("request_percentage", nil)]) == .none)
        #expect(try alter(&world, [alice], [("producer_byte_rate", 6)], validateOnly: true) == .none)
        #expect(world.log.count == length)
        var copy = MetadataImage()
        for record in world.image.records() { try copy.apply(record) }
        #expect(copy.clientQuotas == world.image.clientQuotas)
        #expect(!copy.hasForeignRecords)
        #expect(try alter(&world, [alice], [("producer_byte_rate", nil), ("consumer_byte_rate", nil)]) == .none)
        #expect(describe(world, [("user", 0, "alice")]).isEmpty)
        #expect(world.image.clientQuotas.count == 4)
    }

    @Test func quotasThatCannotBe() throws {
        var world = ControllerWorld()
        let cases: [([(String, String?)], [(String, Double?)])] = [
            ([], [("producer_byte_rate", 1)]), ([("host", "a")], [("producer_byte_rate", 1)]),
            ([("user", "")], [("producer_byte_rate", 1)]),
            ([("user", "a"), ("user", "b")], [("producer_byte_rate", 1)]),
            ([("user", "a"), ("ip", "b")], [("producer_byte_rate", 1)]), ([("user", "a")], [("no_such_rate", 1)]),
            ([("user", "a")], [("connection_creation_rate", 1)]), ([("ip", "a")], [("producer_byte_rate", 1)]),
            ([("user", "a")], [("producer_byte_rate", 0)]), ([("user", "a")], [("producer_byte_rate", -1)]),
            ([("user", "a")], [("producer_byte_rate", .nan)]), ([("user", "a")], [("producer_byte_rate", 1e300)]),
            ([("user", "a")], [("producer_byte_rate", 1.5)]), ([("user", "a")], [("request_percentage", .infinity)]),
            ([("ip", "a")], [("connection_creation_rate", 1e10)]),
            ([("user", "a")], [("producer_byte_rate", 1), ("producer_byte_rate", 2)]),
        ]
        for (entity, values) in cases {
            #expect(try alter(&world, entity, values) == .invalidRequest, "\(entity) \(values)")
        }
        #expect(world.log.isEmpty)
        let twice = AlterClientQuotasRequest(
            entries: [1, 2].map {
                .init(entity: [.init(entityType: "user")], ops: [.init(key: "request_percentage", value: $0)])
            }
        )
        #expect(
            try world.commit(world.controller.alterClientQuotas(twice)).entries.map(\.errorCode) == [
                .none, .invalidRequest,
            ]
        )
        let invalid = "\(ErrorCode.invalidRequest.rawValue)"
        let filters: [[(String, Int8, String?)]] = [
            [("", 0, "a")], [("user", 0, nil)], [("user", 1, "a")], [("user", 2, "a")], [("user", 3, nil)],
            [("user", 2, nil), ("user", 2, nil)], [("user", 2, nil), ("ip", 2, nil)],
        ]
        for filter in filters { #expect(describe(world, filter) == [invalid], "\(filter)") }
        #expect(describe(world, [("host", 2, nil)]) == ["\(ErrorCode.unsupportedVersion.rawValue)"])
    }

    // MARK: Credentials

    private func upsertion(
        _ user: String,
        mechanism: Int8 = 1,
        iterations: Int32 = 4096,
        salt: [UInt8] = [1, 2, 3]
    ) -> AlterUserScramCredentialsRequest.ScramCredentialUpsertion {
        .init(
            name: user,
            mechanism: mechanism,
            iterations: iterations,
            salt: ByteBuffer(bytes: salt),
            saltedPassword: ByteBuffer(bytes: [UInt8](repeating: 7, count: 32))
        )
    }

    private func alter(
        _ world: inout ControllerWorld,
        _ upsertions: [AlterUserScramCredentialsRequest.ScramCredentialUpsertion],
        deleting: [(String, Int8)] = []
    ) throws -> [String: ErrorCode] {
        let request = AlterUserScramCredentialsRequest(
            deletions: deleting.map { .init(name: $0.0, mechanism: $0.1) },
            upsertions: upsertions
        )
        let response = try world.commit(world.controller.alterUserScramCredentials(request))
        return Dictionary(uniqueKeysWithValues: response.results.map { ($0.user, $0.errorCode) })
    }

    private func describe(_ world: ControllerWorld, _ users: [String]?) -> [String] {
        let request = DescribeUserScramCredentialsRequest(users: users.map { $0.map { .init(name: $0) } })
        return world.image.describeUserScramCredentials(request).results.map { result in
            guard result.errorCode == .none else { return "\(result.user) \(result.errorCode.rawValue)" }
            return "\(result.user) "
                + result.credentialInfos.map { "\($0.mechanism):\($0.iterations)" }.joined(separator: ",")
        }
    }

    @Test func credentialsAreSetShownAndDeleted() throws {
        var world = ControllerWorld()
        #expect(
            try alter(&world, [upsertion("alice"), upsertion("bob", mechanism: 2)]) == ["alice": .none, "bob": .none]
        )
        #expect(try alter(&world, [upsertion("alice", mechanism: 2, iterations: 8192)]) == ["alice": .none])
        #expect(describe(world, nil) == ["alice 1:4096,2:8192", "bob 2:4096"])
        #expect(describe(world, [String]()) == describe(world, nil))
        #expect(describe(world, ["bob", "nobody"]) == ["bob 2:4096", "nobody 91"])
        #expect(describe(world, ["bob", "bob"]) == ["bob 92"])
        let stored = try #require(world.image.scramCredentials[.init(user: "alice", mechanism: 1)])
        #expect(stored.storedKey.readableBytes == 32 && stored.serverKey.readableBytes == 32)
        var copy = MetadataImage()
        for record in world.image.records() { try copy.apply(record) }
        #expect(copy.scramCredentials == world.image.scramCredentials)
        #expect(try alter(&world, [], deleting: [("alice", 1)]) == ["alice": .none])
        #expect(try alter(&world, [], deleting: [("alice", 1)]) == ["alice": .resourceNotFound])
        #expect(describe(world, ["alice"]) == ["alice 2:8192"])
    }

    @Test func credentialsThatCannotBe() throws {
        var world = ControllerWorld()
        #expect(try alter(&world, [upsertion("")]) == ["": .unacceptableCredential])
        #expect(try alter(&world, [upsertion("a", mechanism: 9)]) == ["a": .unsupportedSaslMechanism])
        #expect(try alter(&world, [upsertion("a", iterations: 4095)]) == ["a": .unacceptableCredential])
        #expect(try alter(&world, [upsertion("a", iterations: 16385)]) == ["a": .unacceptableCredential])
        #expect(try alter(&world, [upsertion("a", salt: [])]) == ["a": .unacceptableCredential])
        #expect(try alter(&world, [upsertion("a"), upsertion("a", mechanism: 2)]) == ["a": .duplicateResource])
        #expect(try alter(&world, [upsertion("a")], deleting: [("a", 2)]) == ["a": .duplicateResource])
        #expect(world.log.isEmpty)
    }
}

import KafkaMessages
import Testing

@testable import KafkaCoordination

@Suite struct FeaturesTests {
    private func update(
        _ world: inout ControllerWorld,
        _ levels: [(String, Int16)],
        type: Int8 = 1,
        validateOnly: Bool = false
    ) throws -> UpdateFeaturesResponse {
        let request = UpdateFeaturesRequest(
            featureUpdates: levels.map { .init(feature: $0.0, maxVersionLevel: $0.1, upgradeType: type) },
            validateOnly: validateOnly
        )
        return try world.commit(world.controller.updateFeatures(request, version: 1))
    }

    @Test func goesUpAndDown() throws {
        var world = ControllerWorld()
        try world.addBroker(1)
        #expect(try update(&world, [("transaction.version", 2)], validateOnly: true).errorCode == .none)
        #expect(world.image.features["transaction.version"] != 2 || FeatureCatalog.all.contains { $0.initial == 2 })
        #expect(try update(&world, [("transaction.version", 2)]).errorCode == .none)
        #expect(world.image.features["transaction.version"] == 2)
        #expect(try update(&world, [("transaction.version", 1)]).errorCode == .invalidUpdateVersion)
        #expect(try update(&world, [("transaction.version", 1)], type: 2).errorCode == .none)
        #expect(world.image.features["transaction.version"] == 1)
        #expect(try update(&world, [("transaction.version", 0)], type: 3).errorCode == .none)
        #expect(world.image.features["transaction.version"] == nil)
        #expect(try update(&world, [("transaction.version", 2)], type: 2).errorCode == .invalidUpdateVersion)
    }

    @Test(
        arguments: [
            (
                "transaction.version", 3,
                "Invalid update version 3 for feature transaction.version. Local controller 1 only supports versions 0-2"
            ),
            ("nope", 1, "Invalid update version 1 for feature nope. Local controller 1 does not support this feature."),
            (
                "transaction.version", -1,
                "Invalid update version -1 for feature transaction.version. A feature version cannot be less than 0."
            ),
        ] as [(String, Int16, String)]
    )
    func refuses(feature: String, level: Int16, words: String) throws {
        var world = ControllerWorld()
        try world.addBroker(1)
        let before = world.image.features
        let response = try update(
            &world,
            [("transaction.version", 2), (feature, level)].suffix(feature == "nope" ? 2 : 1)
        )
        #expect(response.errorCode == .invalidUpdateVersion)
        #expect(response.results.last?.errorMessage == words)
        #expect(world.image.features == before, "all or none")
    }

    @Test func doesNotLowerTheMetadataVersion() throws {
        var world = ControllerWorld()
        try world.addBroker(1)
        try world.commit(ControllerResult(records: world.controller.bootstrap(), answer: ()))
        let current = ClusterController.metadataVersion
        #expect(try update(&world, [("metadata.version", current)]).errorCode == .none)
        #expect(try update(&world, [("metadata.version", current - 1)], type: 2).errorCode == .invalidUpdateVersion)
    }
}

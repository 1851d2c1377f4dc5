public import KafkaMessages
import KafkaTransport

/// A feature of a cluster, on whose level all nodes agree (KIP-584).
public struct ClusterFeature: Hashable, Sendable {
    public var name: String
    /// The levels that the node which was asked understands.
    public var supported: ClosedRange<Int16>
    /// The level in force; 0 is off.
    public var level: Int16

    package init(name: String, supported: ClosedRange<Int16>, level: Int16) {
        self.name = name
        self.supported = supported
        self.level = level
    }
}

/// The features of a cluster as one node knows them.
public struct FeatureDescription: Hashable, Sendable {
    /// By name.
    public var features: [ClusterFeature]
    /// How new the levels are; `nil` when the node does not say.
    public var epoch: Int64?

    package init(features: [ClusterFeature], epoch: Int64?) {
        self.features = features
        self.epoch = epoch
    }
}

/// A level that a feature shall have.
public struct FeatureUpdate: Hashable, Sendable {
    /// Whether a level may fall; the raw values are the protocol's.
    public enum Kind: Int8, Sendable {
        /// It may only rise.
        case upgrade = 1
        /// It may fall where nothing is lost by it.
        case safeDowngrade = 2
        /// It may fall in any case.
        case unsafeDowngrade = 3
    }

    public var name: String
    /// 0 is off.
    public var level: Int16
    public var kind: Kind

    /// A level for a feature.
    public init(_ name: String, level: Int16, kind: Kind) {
        self.name = name
        self.level = level
        self.kind = kind
    }
}

/// What became of a ``FeatureUpdate``.
public struct FeatureOutcome: Hashable, Sendable {
    /// ``ErrorCode/none`` when the level holds.
    public var error: ErrorCode
    /// The controller's own words, if it has any.
    public var message: String?
}

extension KafkaAdmin {
    /// The features of the cluster.
    ///
    /// - Parameter node: whom to ask; `nil` for anybody.
    public func describeFeatures(
        node: Int32? = nil,
        timeout: Duration? = nil
    ) async throws(KafkaClientError) -> FeatureDescription {
        let deadline = deadline(timeout)
        return try await cluster.withRetries(deadline: deadline) { (_) async throws(KafkaClientError) in
            let connection =
                if let node {
                    try await cluster.connection(to: node, deadline: deadline)
                } else {
                    try await cluster.anyConnection(deadline: deadline)
                }
            let versions = connection.apiVersions
            let levels = Dictionary(versions.finalizedFeatures.map { ($0.name, $0.maxVersionLevel) }) { $1 }
            let features = versions.supportedFeatures.map { feature in
                ClusterFeature(
                    name: feature.name,
                    supported: feature.minVersion...max(feature.minVersion, feature.maxVersion),
                    level: levels[feature.name] ?? 0
                )
            }
            return FeatureDescription(
                features: features.sorted { $0.name < $1.name },
                epoch: versions.finalizedFeaturesEpoch >= 0 ? versions.finalizedFeaturesEpoch : nil
            )
        }
    }

    /// Gives features other levels, all of them or none.
    ///
    /// - Parameter validateOnly: only checks whether they could have them.
    /// - Returns: what became of each, by name.
    public func updateFeatures(
        _ updates: [FeatureUpdate],
        validateOnly: Bool = false,
        timeout: Duration? = nil
    ) async throws(KafkaClientError) -> [String: FeatureOutcome] {
        let deadline = deadline(timeout)
        return try await cluster.withRetries(deadline: deadline) { (_) async throws(KafkaClientError) in
            let connection = try await cluster.connection(to: .any, deadline: deadline)
            // The first version has a flag in the place of the kinds.
            let hasKinds = connection.negotiatedVersion(for: .updateFeatures) != 0
            let request = UpdateFeaturesRequest(
                timeoutMs: deadline.remaining.milliseconds32,
                featureUpdates: updates.map { update in
                    .init(
                        feature: update.name,
                        maxVersionLevel: update.level,
                        allowDowngrade: !hasKinds && update.kind != .upgrade,
                        upgradeType: hasKinds ? update.kind.rawValue : FeatureUpdate.Kind.upgrade.rawValue
                    )
                },
                validateOnly: validateOnly
            )
            let response = try await cluster.exchange(request, over: connection, deadline: deadline)
            try Self.checkController([response.errorCode])
            let whole = FeatureOutcome(error: response.errorCode, message: response.errorMessage)
            var outcomes = Dictionary(updates.map { ($0.name, whole) }) { $1 }
            // Newer versions answer for all together.
            for result in response.results where response.errorCode == .none {
                outcomes[result.feature] = FeatureOutcome(error: result.errorCode, message: result.errorMessage)
            }
            return outcomes
        }
    }
}

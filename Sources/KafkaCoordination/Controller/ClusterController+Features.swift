package import KafkaMessages

extension ClusterController {
    /// How UpdateFeatures may change a level (KIP-584).
    private enum UpgradeType: Int8 {
        case upgrade = 1
        case safeDowngrade = 2
        case unsafeDowngrade = 3
    }

    /// The records that must come first in a new cluster's log; none when it has them.
    package func bootstrap() -> [MetadataRecord] {
        guard image.features.isEmpty else { return [] }
        return FeatureCatalog.all.filter { $0.initial > 0 }.map { Self.record($0.name, $0.initial) }
    }

    private static func record(_ name: String, _ level: Int16) -> MetadataRecord {
        var record = FeatureLevelRecord()
        record.name = name
        record.featureLevel = level
        return .featureLevel(record)
    }

    /// Raises or lowers finalized levels, all or none.
    ///
    /// - Parameter version: of the request: 0 says by a flag that a level may be lowered, 2 answers for all together.
    package func updateFeatures(
        _ request: UpdateFeaturesRequest,
        version: Int16
    ) -> ControllerResult<UpdateFeaturesResponse> {
        var records: [MetadataRecord] = []
        var failure: (feature: String, error: ControllerError)?
        var seen: Set<String> = []
        for update in request.featureUpdates where failure == nil {
            do throws(ControllerError) {
                guard seen.insert(update.feature).inserted else {
                    throw ControllerError(.invalidRequest, "The request names the feature \(update.feature) twice.")
                }
                if let record = try change(update, version: version) { records.append(record) }
            } catch {
                failure = (update.feature, error)
            }
        }
        var response = UpdateFeaturesResponse()
        if let (feature, error) = failure {
            records = []
            response.errorCode = error.code
            response.errorMessage =
                "The update failed for all features since the following feature had an error: \(error.message ?? "")"
            response.results = request.featureUpdates.map { update in
                UpdateFeaturesResponse.UpdatableFeatureResult(
                    feature: update.feature,
                    errorCode: error.code,
                    errorMessage: update.feature == feature ? error.message : response.errorMessage
                )
            }
        } else {
            response.results = request.featureUpdates.map {
                UpdateFeaturesResponse.UpdatableFeatureResult(feature: $0.feature)
            }
        }
        return ControllerResult(records: request.validateOnly ? [] : records, answer: response)
    }

    private func change(
        _ update: UpdateFeaturesRequest.FeatureUpdateKey,
        version: Int16
    ) throws(ControllerError) -> MetadataRecord? {
        let level = update.maxVersionLevel
        let refuse = { (reason: String) in
            ControllerError(
                .invalidUpdateVersion,
                "Invalid update version \(level) for feature \(update.feature). \(reason)"
            )
        }
        let type: UpgradeType
        if version == 0 {
            type = update.allowDowngrade ? .safeDowngrade : .upgrade
        } else {
            guard let known = UpgradeType(rawValue: update.upgradeType) else {
                throw refuse("The controller does not support the given upgrade type.")
            }
            type = known
        }
        guard level >= 0 else { throw refuse("A feature version cannot be less than 0.") }
        let controller = "Local controller \(image.controllers.keys.min() ?? image.brokers.keys.min() ?? 0)"
        guard let feature = FeatureCatalog.feature(named: update.feature) else {
            throw refuse("\(controller) does not support this feature.")
        }
        guard feature.supported.contains(level) else {
            let (lowest, highest) = (feature.supported.lowerBound, feature.supported.upperBound)
            throw refuse("\(controller) only supports versions \(lowest)-\(highest)")
        }
        let current = image.features[feature.name] ?? 0
        if level < current, type == .upgrade {
            throw refuse(
                "Can't downgrade the version of this feature without setting the upgrade type to either safe or "
                    + "unsafe downgrade."
            )
        }
        if level > current, type != .upgrade { throw refuse("Can't downgrade to a newer version.") }
        guard level != current else { return nil }
        if feature.name == FeatureCatalog.metadataVersion, level < current {
            throw ControllerError(
                .invalidUpdateVersion,
                "Invalid metadata.version \(level). Refusing to perform the requested downgrade because it might "
                    + "delete metadata information."
            )
        }
        return Self.record(feature.name, level)
    }
}

import KafkaCoordination
import KafkaMessages

/// ApiVersions (18), versions 0 to 4: what this broker can do.
///
/// 0 the table; 1 throttle time after it; 2 nothing new; 3 flexible, the client's software name and version, features;
/// 4 features whose lowest level is 0. Any other version is answered in the layout of version 0 by the router.
/// Listed is only what is built. Left out: the flag of a migration from ZooKeeper.
struct ApiVersionsHandler: APIHandler {
    static let versions: ClosedRange<Int16> = 0...4

    private let image: @Sendable () -> MetadataImage
    private let table: [ApiVersionsResponse.ApiVersion]

    init(image: @escaping @Sendable () -> MetadataImage, offered: [(APIKey, ClosedRange<Int16>)]) {
        self.image = image
        table = (offered + [(.apiVersions, Self.versions)]).sorted { $0.0.rawValue < $1.0.rawValue }.map { api, range in
            ApiVersionsResponse.ApiVersion(
                apiKey: api.rawValue,
                minVersion: range.lowerBound,
                maxVersion: range.upperBound
            )
        }
    }

    func handle(_ request: ApiVersionsRequest, _ context: RequestContext) async -> Reply<ApiVersionsResponse> {
        var response = ApiVersionsResponse()
        guard context.version < 3 || (isName(request.clientSoftwareName) && isName(request.clientSoftwareVersion))
        else {
            response.errorCode = .invalidRequest
            return .respond(response)
        }
        response.apiKeys = table
        guard context.version >= 3 else { return .respond(response) }
        let image = image()
        // A lowest level of 0 breaks clients that ask in version 3.
        let features = FeatureCatalog.all.filter { context.version >= 4 || $0.supported.lowerBound > 0 }
        response.supportedFeatures = features.map { feature in
            ApiVersionsResponse.SupportedFeatureKey(
                name: feature.name,
                minVersion: feature.supported.lowerBound,
                maxVersion: feature.supported.upperBound
            )
        }
        response.finalizedFeaturesEpoch = image.offset
        response.finalizedFeatures = image.features.sorted { $0.key < $1.key }.map { name, level in
            ApiVersionsResponse.FinalizedFeatureKey(name: name, maxVersionLevel: level, minVersionLevel: level)
        }
        return .respond(response)
    }

    /// Letters, digits, dots and dashes, with a letter or digit at both ends (KIP-511).
    private func isName(_ text: String) -> Bool {
        let isAlphanumeric = { (byte: UInt8) in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: false
            }
        }
        guard let first = text.utf8.first, let last = text.utf8.last, isAlphanumeric(first), isAlphanumeric(last) else {
            return false
        }
        return text.utf8.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-") }
    }
}

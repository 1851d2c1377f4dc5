package import KafkaMessages

/// The versions of each API that a broker offers.
package struct VersionTable: Equatable, Sendable {
    /// Offered ranges by API key number; keys that this software does not know are kept, `broker-api-versions` prints them.
    package let offered: [Int16: ClosedRange<Int16>]

    /// Ranges whose end lies before their start are left out, as a broker that sends one does not offer anything usable.
    ///
    /// - Parameter limits: the highest version to use of an API, for brokers that offer one that they do not get right.
    package init(_ response: ApiVersionsResponse, limits: [APIKey: Int16] = [:]) {
        var offered: [Int16: ClosedRange<Int16>] = [:]
        for api in response.apiKeys where api.minVersion <= api.maxVersion {
            let limit = APIKey(rawValue: api.apiKey).flatMap { limits[$0] } ?? .max
            offered[api.apiKey] = api.minVersion...max(api.minVersion, min(api.maxVersion, limit))
        }
        self.offered = offered
    }

    package init(_ offered: [Int16: ClosedRange<Int16>]) {
        self.offered = offered
    }

    /// The highest version that the broker offers and `ours` holds; nil without one.
    package func highestCommon(_ api: APIKey, within ours: ClosedRange<Int16>) -> Int16? {
        guard let theirs = offered[api.rawValue], theirs.overlaps(ours) else { return nil }
        return min(theirs.upperBound, ours.upperBound)
    }
}

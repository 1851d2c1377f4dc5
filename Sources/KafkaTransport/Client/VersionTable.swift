package import KafkaMessages

/// The versions of each API that a broker offers.
package struct VersionTable: Equatable, Sendable {
    /// Offered ranges by API key number; keys that this software does not know are kept, `broker-api-versions` prints them.
    package let offered: [Int16: ClosedRange<Int16>]

    /// Ranges whose end lies before their start are left out, as a broker that sends one does not offer anything usable.
    package init(_ response: ApiVersionsResponse) {
        var offered: [Int16: ClosedRange<Int16>] = [:]
        for api in response.apiKeys where api.minVersion <= api.maxVersion {
            offered[api.apiKey] = api.minVersion...api.maxVersion
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

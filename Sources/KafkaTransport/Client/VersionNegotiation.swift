package import KafkaMessages
package import KafkaWire
package import NIOCore

/// The conversation that finds out which versions a broker speaks: a pure machine.
///
/// Rules (KIP-511): ask in the highest version known here. A broker that does not know it answers with error 35 in the
/// layout of version 0 and, since 2.4, names the range it speaks: ask again in the highest of these below the last
/// attempt, else in version 0. A broker that dislikes the software name (error 42) is asked in version 0, which has none.
package struct VersionNegotiation: Sendable {
    package enum Action: Equatable, Sendable {
        /// Send ApiVersions in this version.
        case ask(version: Int16)
        /// These are the broker's versions.
        case done(ApiVersionsResponse)
        case refused(ErrorCode)
        case unreadable(WireError)
    }

    /// The version of the last attempt.
    package private(set) var version: Int16

    package init(highest: Int16 = ApiVersionsRequest.validVersions.upperBound) {
        version = highest
    }

    /// What to send first.
    package var start: Action { .ask(version: version) }

    /// The answer to the last attempt, its correlation id taken off.
    package mutating func received(_ body: ByteBuffer) -> Action {
        guard let code = body.getInteger(at: body.readerIndex, as: Int16.self).map(ErrorCode.init(rawValue:)) else {
            return .unreadable(.truncated(needed: 2, remaining: body.readableBytes))
        }
        switch code {
        case .none:
            do throws(WireError) {
                return .done(try RequestEncoder.decode(ApiVersionsResponse.self, version: version, from: body))
            } catch {
                return .unreadable(error)
            }
        case .unsupportedVersion where version > 0:
            version = nextVersion(body)
            return .ask(version: version)
        case .invalidRequest where version > 0:
            version = 0
            return .ask(version: 0)
        default:
            return .refused(code)
        }
    }

    private func nextVersion(_ body: ByteBuffer) -> Int16 {
        guard
            let answer = try? RequestEncoder.decode(ApiVersionsResponse.self, version: 0, from: body),
            let offered = VersionTable(answer).offered[APIKey.apiVersions.rawValue]
        else { return 0 }
        // Each attempt is lower than the last, so the conversation ends.
        let candidate = min(offered.upperBound, version - 1)
        return candidate >= max(offered.lowerBound, 0) ? candidate : 0
    }
}

package import KafkaMessages
package import KafkaWire

/// Writes the answers of a broker, headers included.
package enum ResponseEncoder {
    /// An answer as it goes over the wire: length, header (version 0, or 1 in flexible versions), body.
    ///
    /// - Parameter capacity: The bytes to set aside at first.
    package static func encode(
        _ response: some KafkaResponse,
        version: Int16,
        correlationID: Int32,
        capacity: Int = 256
    ) throws(WireError) -> EncodedFrame {
        let api = type(of: response).apiKey
        return try WireWriter.frame(capacity: capacity) { writer throws(WireError) in
            writer.writeInt32(correlationID)
            try writer.writeTaggedFields([], flexible: api.responseHeaderVersion(for: version) >= 1)
            try response.write(to: &writer, version: version)
        }
    }

    /// The answer to `request`, in its version.
    package static func encode(
        _ response: some KafkaResponse,
        to request: IncomingRequest,
        capacity: Int = 256
    ) throws(WireError) -> EncodedFrame {
        try encode(
            response,
            version: request.apiVersion,
            correlationID: request.correlationID,
            capacity: capacity
        )
    }

    /// The answer to ApiVersions in a version that is not offered: error 35 in the layout of version 0, with nothing but
    /// the range of ApiVersions itself, from which the client chooses its next attempt (KIP-511).
    package static func unsupportedApiVersions(
        correlationID: Int32,
        offered: ClosedRange<Int16>
    ) throws(WireError) -> EncodedFrame {
        var response = ApiVersionsResponse()
        response.errorCode = .unsupportedVersion
        var range = ApiVersionsResponse.ApiVersion()
        range.apiKey = APIKey.apiVersions.rawValue
        range.minVersion = offered.lowerBound
        range.maxVersion = offered.upperBound
        response.apiKeys = [range]
        return try encode(response, version: 0, correlationID: correlationID)
    }
}

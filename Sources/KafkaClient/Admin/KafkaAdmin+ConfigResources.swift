import KafkaMessages

extension KafkaAdmin {
    /// What has configs of its own: of client metrics and groups those for which something is set (KIP-714, KIP-1142).
    ///
    /// - Parameter kind: other kinds than client metrics need a broker of Kafka 4.1.
    /// - Returns: the names, sorted.
    public func listConfigResources(
        _ kind: ConfigResource.Kind,
        timeout: Duration? = nil
    ) async throws(KafkaClientError) -> [String] {
        let deadline = deadline(timeout)
        var request = ListConfigResourcesRequest()
        // Version 0 knows client metrics only, and has no field for the kind.
        let isPlain = kind == .clientMetrics
        request.resourceTypes = isPlain ? [] : [kind.rawValue]
        let response = try await cluster.call(request, atMost: isPlain ? 0 : .max, deadline: deadline)
        guard response.errorCode == .none else {
            throw KafkaClientError("What has configs cannot be listed", response.errorCode)
        }
        return response.configResources.filter { $0.resourceType == kind.rawValue }.map(\.resourceName).sorted()
    }
}

/// A feature of the cluster whose level all brokers agree on (KIP-584).
package struct Feature: Equatable, Sendable {
    package let name: String
    /// Levels that are understood here.
    package let supported: ClosedRange<Int16>
    /// The level of a new cluster; 0 is off.
    package let initial: Int16
}

/// The features known here, with the levels of a 4.1 broker.
package enum FeatureCatalog {
    /// Sorted by name.
    package static let all: [Feature] = [
        Feature(name: groupVersion, supported: 0...1, initial: 1),
        Feature(
            name: metadataVersion,
            supported: ClusterController.minimumMetadataVersion...ClusterController.metadataVersion,
            initial: ClusterController.metadataVersion
        ),
        Feature(name: transactionVersion, supported: 0...2, initial: 2),
    ]

    /// 1 has consumer groups of KIP-848.
    package static let groupVersion = "group.version"
    package static let metadataVersion = "metadata.version"
    /// 1 writes flexible records to the transaction log, 2 is KIP-890 part 2.
    package static let transactionVersion = "transaction.version"

    package static func feature(named name: String) -> Feature? { all.first { $0.name == name } }
}

/// A version of the metadata records, by release and level.
struct MetadataVersion: Equatable {
    let name: String
    let level: Int16

    private static let names = [
        "3.0-IV1", "3.1-IV0", "3.2-IV0", "3.3-IV0", "3.3-IV1", "3.3-IV2", "3.3-IV3", "3.4-IV0", "3.5-IV0", "3.5-IV1",
        "3.5-IV2", "3.6-IV0", "3.6-IV1", "3.6-IV2", "3.7-IV0", "3.7-IV1", "3.7-IV2", "3.7-IV3", "3.7-IV4", "3.8-IV0",
        "3.9-IV0", "4.0-IV0", "4.0-IV1", "4.0-IV2", "4.0-IV3", "4.1-IV0", "4.1-IV1",
    ]

    /// The oldest one that Kafka 4 can have: the first with KRaft for production.
    static let oldest = MetadataVersion(name: "3.3-IV3", level: 7)
    /// What Kafka 4.0 formats directories with.
    static let newest = MetadataVersion(name: "4.0-IV3", level: 25)
    /// The last one known here.
    static let last = MetadataVersion(name: names[names.count - 1], level: Int16(names.count))

    private init(name: String, level: Int16) {
        self.name = name
        self.level = level
    }

    /// A name, or a release such as "3.9", which stands for its last version. Nil for any other text.
    init?(_ text: String) {
        guard let index = Self.names.lastIndex(where: { $0 == text || $0.hasPrefix(text + "-") }) else { return nil }
        self.init(name: Self.names[index], level: Int16(index + 1))
    }

    /// Nil for a level that is not known here.
    init?(level: Int16) {
        guard Self.names.indices.contains(Int(level) - 1) else { return nil }
        self.init(name: Self.names[Int(level) - 1], level: level)
    }

    /// `group.version` of a new cluster: consumer groups of the new protocol came with 4.0.
    var groupVersion: Int16 { level >= 22 ? 1 : 0 }
    var kraftVersion: Int16 { level >= 21 ? 1 : 0 }
    /// `transaction.version` of a new cluster: KIP-890 came with the last metadata version of 4.0 but one.
    var transactionVersion: Int16 { level >= 24 ? 2 : 0 }
}

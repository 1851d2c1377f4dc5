/// What `describe` knows of a cluster.
struct ClusterOverview: Equatable {
    struct Broker: Equatable {
        var id: Int32
        /// `host:port`
        var address: String
        var rack: String?
        var isController: Bool
        /// Partitions that it leads and holds.
        var leads: Int
        var holds: Int
        /// Bytes of its log directories; nil when it does not say.
        var bytes: Int64?
    }

    struct Partition: Equatable {
        var id: Int32
        /// nil when there is none.
        var leader: Int32?
        var replicas: [Int32]
        var isr: [Int32]
        var offline: [Int32]
        /// Bytes on the leader, or on whichever replica says; nil when none does.
        var bytes: Int64?

        var isOffline: Bool { leader == nil }
        /// Replicas that are not in sync.
        var missing: [Int32] { replicas.filter { !isr.contains($0) } }
        var isUnderReplicated: Bool { isr.count < replicas.count }
        /// The leader is not the broker that the assignment prefers.
        var isLedElsewhere: Bool { leader != nil && replicas.first != leader }
    }

    struct Topic: Equatable {
        var name: String
        var id: String?
        var isInternal: Bool
        var partitions: [Partition]
        /// `min.insync.replicas`; looked up only where replicas are missing.
        var minimumInSync = 1
        /// Settings that are not plain defaults; filled in only for one topic.
        var settings: [DescribedTopic.Setting] = []

        var replicationFactor: Int { partitions.map(\.replicas.count).max() ?? 0 }
        var offline: [Partition] { partitions.filter(\.isOffline) }
        var underReplicated: [Partition] { partitions.filter { !$0.isOffline && $0.isUnderReplicated } }
        /// Those that have a leader and take no writes with acks=all.
        var underMinimum: [Partition] { underReplicated.filter { $0.isr.count < minimumInSync } }
        /// Those that would take none if one more replica went, though there should be more.
        var atMinimum: [Partition] { underReplicated.filter { $0.isr.count == minimumInSync } }
        var isHealthy: Bool { offline.isEmpty && underReplicated.isEmpty }

        /// Bytes of all partitions, once each; nil when no broker says.
        var bytes: Int64? {
            let known = partitions.compactMap(\.bytes)
            return known.isEmpty ? nil : known.reduce(0, +)
        }
    }

    var clusterID: String?
    /// Sorted by id.
    var brokers: [Broker]
    /// Sorted by name.
    var topics: [Topic]
    /// What could not be found out, in sentences.
    var remarks: [String] = []
}

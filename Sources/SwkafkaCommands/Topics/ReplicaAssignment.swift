/// `--replica-assignment`: broker ids of each partition, `b1:b2,b1:b2`.
enum ReplicaAssignment {
    static func parse(_ text: String) throws(CommandFailure) -> [[Int32]] {
        var partitions: [[Int32]] = []
        for (index, item) in text.split(separator: ",", omittingEmptySubsequences: false).enumerated() {
            var brokers: [Int32] = []
            for id in item.split(separator: ":", omittingEmptySubsequences: false) {
                guard let broker = Int32(KeyValueOptions.trimmed(id)) else {
                    throw TopicsRunner.failure("'\(id)' in --replica-assignment is no broker id.")
                }
                brokers.append(broker)
            }
            let duplicates = Set(brokers.filter { id in brokers.count { $0 == id } > 1 }).sorted()
            guard duplicates.isEmpty else {
                let ids = duplicates.map(String.init).joined(separator: ",")
                throw TopicsRunner.failure("Partition replica lists may not contain duplicate entries: \(ids)")
            }
            guard partitions.isEmpty || partitions[0].count == brokers.count else {
                let ids = brokers.map(String.init).joined(separator: ", ")
                throw TopicsRunner.failure("Partition \(index) has different replication factor: [\(ids)]")
            }
            partitions.append(brokers)
        }
        return partitions
    }
}

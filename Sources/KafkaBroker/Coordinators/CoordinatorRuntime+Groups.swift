import KafkaCoordination
import KafkaMessages

extension CoordinatorRuntime where Machine == GroupCoordinator {
    /// The shard of a group for what its members ask; a group without a name has no members.
    func shard(member id: String) throws(CoordinatorError) -> Shard {
        guard !id.isEmpty else { throw CoordinatorError(.invalidGroupId) }
        return try shard(for: id)
    }
}

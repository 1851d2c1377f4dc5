import ArgumentParser
import KafkaClient

/// Which groups `--list` shows, and what of them.
struct GroupFilter {
    /// Empty for all.
    var states: Set<GroupStatus> = []
    /// Empty for all.
    var types: Set<GroupType> = []

    private static let knownStates: [GroupStatus] = [
        .preparingRebalance, .completingRebalance, .stable, .dead, .empty, .assigning, .reconciling,
    ]
    private static let knownTypes: [GroupType] = [.consumer, .classic, .share]

    init(_ view: GroupsViewOptions) throws {
        for word in Self.words(view.state) {
            let state = GroupStatus(name: word)
            guard Self.knownStates.contains(state) else {
                throw ValidationError(
                    "Invalid state list '\(view.state ?? "")'. Valid states are: "
                        + Self.knownStates.map(\.rawValue).joined(separator: ", ")
                )
            }
            states.insert(state)
        }
        for word in Self.words(view.type) {
            let type = GroupType(name: word)
            guard Self.knownTypes.contains(type) else {
                throw ValidationError(
                    "Invalid types list '\(view.type ?? "")'. Valid types are: "
                        + Self.knownTypes.map(\.rawValue).joined(separator: ", ")
                )
            }
            types.insert(type)
        }
    }

    /// The words of a list; none when the option was given without one.
    private static func words(_ list: String?) -> [String] {
        guard let list, !list.isEmpty else { return [] }
        return list.split(separator: ",", omittingEmptySubsequences: false).map { KeyValueOptions.trimmed($0) }
    }
}

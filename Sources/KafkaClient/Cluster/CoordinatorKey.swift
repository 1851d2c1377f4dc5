/// A group or a transactional id, which one broker looks after.
package struct CoordinatorKey: Hashable, Sendable, CustomStringConvertible {
    /// What is looked after; the raw value is FindCoordinator's key type.
    package enum Kind: Int8, Sendable {
        case group = 0
        case transaction = 1
    }

    package var kind: Kind
    /// The group's id or the transactional id.
    package var name: String

    package init(_ kind: Kind, _ name: String) {
        self.kind = kind
        self.name = name
    }

    package static func group(_ name: String) -> CoordinatorKey { CoordinatorKey(.group, name) }
    package static func transaction(_ name: String) -> CoordinatorKey { CoordinatorKey(.transaction, name) }

    package var description: String {
        switch kind {
        case .group: "group '\(name)'"
        case .transaction: "transactional id '\(name)'"
        }
    }
}

/// What a JoinGroup brings along apart from its body.
package struct JoinContext: Equatable, Sendable {
    package var clientID: String
    package var clientHost: String
    /// The id of the member if it is new; nobody else has it.
    package var newMemberID: String
    /// From version 4 on a new dynamic member is told its id first and counts when it comes back with it (KIP-394).
    package var requiresKnownID: Bool
    /// From version 9 on a leader can be told not to assign (KIP-814).
    package var canSkipAssignment: Bool

    package init(
        clientID: String,
        clientHost: String,
        newMemberID: String,
        requiresKnownID: Bool,
        canSkipAssignment: Bool
    ) {
        self.clientID = clientID
        self.clientHost = clientHost
        self.newMemberID = newMemberID
        self.requiresKnownID = requiresKnownID
        self.canSkipAssignment = canSkipAssignment
    }
}

/// The circumstances of a request to a group.
package struct ModernCall: Sendable {
    package var version: Int16
    package var clientID: String
    /// As Kafka shows it: a slash and the address.
    package var clientHost: String
    /// For a member that has no id yet.
    package var newMemberID: String
    package var image: MetadataImage
    package var nowMs: Int64

    package init(
        version: Int16,
        clientID: String,
        clientHost: String,
        newMemberID: String,
        image: MetadataImage,
        nowMs: Int64
    ) {
        self.version = version
        self.clientID = clientID
        self.clientHost = clientHost
        self.newMemberID = newMemberID
        self.image = image
        self.nowMs = nowMs
    }
}

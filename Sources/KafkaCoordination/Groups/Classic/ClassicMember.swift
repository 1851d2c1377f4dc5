package import KafkaMessages
package import NIOCore

/// A member of a classic group.
package struct ClassicMember: Equatable, Sendable {
    package var id: String
    /// `group.instance.id` of a static member.
    package var instanceID: String?
    package var clientID: String
    package var clientHost: String
    package var rebalanceTimeoutMs: Int32
    package var sessionTimeoutMs: Int32
    /// What it can speak, in the order of its preference, with its subscription in each.
    package var protocols: [JoinGroupRequest.JoinGroupRequestProtocol]
    package var assignment = ByteBuffer()

    // What a restart forgets:

    /// The JoinGroup that waits for the rebalance.
    package var joinToken: HeldToken?
    /// The SyncGroup that waits for the leader's.
    package var syncToken: HeldToken?
    /// Its first JoinGroup is not answered yet: it does not know its id and cannot send heartbeats.
    package var isNew = false

    /// The session does not run out while a request of the member waits here.
    package var isWaiting: Bool { !isNew && (joinToken != nil || syncToken != nil) }

    package func metadata(of protocolName: String?) -> ByteBuffer {
        protocols.first { $0.name == protocolName }?.metadata ?? ByteBuffer()
    }
}

extension ByteBuffer {
    /// A copy of the bytes alone, so that what is kept for long does not keep the frame that it came in.
    func detached() -> ByteBuffer { ByteBuffer(bytes: readableBytesView) }
}

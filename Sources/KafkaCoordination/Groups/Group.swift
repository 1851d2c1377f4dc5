/// A group, by the protocol that its members speak.
enum Group: Sendable {
    case classic(ClassicGroup)
    /// Of KIP-848.
    case consumer(ModernGroup)
}

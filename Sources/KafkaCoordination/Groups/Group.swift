/// A group, by the protocol that its members speak.
package enum Group: Sendable {
    case classic(ClassicGroup)
}

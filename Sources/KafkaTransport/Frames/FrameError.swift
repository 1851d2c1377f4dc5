/// Why the bytes of a peer cannot be cut into Kafka frames. The connection is of no further use.
package enum FrameError: Error, Equatable, Sendable {
    /// The four bytes where a length should stand say more than the limit, or a negative number.
    ///
    /// `prefix` holds those four bytes in network order: they tell what was spoken instead (see `ForeignProtocol`).
    case badLength(prefix: UInt32, limit: Int)
}

extension FrameError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .badLength(let prefix, let limit):
            let length = Int32(bitPattern: prefix)
            return length < 0
                ? "a frame says that it is \(length) bytes long"
                : "a frame says that it is \(length) bytes long; the limit is \(limit)"
        }
    }
}

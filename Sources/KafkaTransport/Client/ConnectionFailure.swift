import Glibc
import NIOCore
import NIOPosix

/// Turns what the system and NIO throw into our errors and words.
enum ConnectionFailure {
    /// The system's words for an error.
    static func text(of error: any Error) -> String {
        switch error {
        case let error as IOError: message(errno: error.errnoCode)
        default: "\(error)"
        }
    }

    static func message(errno code: CInt) -> String {
        var bytes = [CChar](repeating: 0, count: 256)
        guard strerror_r(code, &bytes, bytes.count) == 0 else { return "error \(code)" }
        return String(decoding: bytes.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// Why connecting failed. Of several addresses of one name, a refusal says most.
    static func connecting(to peer: PeerAddress, timeout: Duration, error: any Error) -> ConnectionError {
        switch error {
        case let error as NIOConnectionError:
            let attempts = error.connectionErrors.map { connecting(to: peer, timeout: timeout, error: $0.error) }
            if let refused = attempts.first(where: { $0 == .refused(peer) }) {
                return refused
            }
            if let first = attempts.first {
                return first
            }
            return .nameNotFound(peer)
        case let error as IOError:
            switch error.errnoCode {
            case ECONNREFUSED: return .refused(peer)
            case ETIMEDOUT: return .connectTimedOut(peer, after: timeout)
            default: return .unreachable(peer, reason: message(errno: error.errnoCode))
            }
        case ChannelError.connectTimeout:
            return .connectTimedOut(peer, after: timeout)
        case SocketAddressError.unknown, is SocketAddressError.UnknownHost:
            return .nameNotFound(peer)
        case let error as ConnectionError:
            return error
        case is ChannelPipelineError:
            // The handler had gone before anybody could speak to it.
            return .closedDuringNegotiation(peer)
        default:
            return .unreachable(peer, reason: text(of: error))
        }
    }
}

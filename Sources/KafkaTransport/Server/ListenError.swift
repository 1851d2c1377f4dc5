import Glibc
import NIOCore

/// Why a listener could not be opened.
package enum ListenError: Error, Equatable, Sendable {
    /// Another process listens there.
    case addressInUse(host: String, port: Int)
    /// The process may not use this port; usually one below 1024.
    case permissionDenied(host: String, port: Int)
    /// The host name has no address.
    case nameNotFound(host: String)
    /// No network interface of this machine has the address.
    case addressNotAvailable(host: String)
    /// Anything else; `reason` is the system's.
    case failed(host: String, port: Int, reason: String)
}

extension ListenError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .addressInUse(let host, let port):
            "Cannot listen on \(PeerAddress(host: host, port: port).hostAndPort): the port is in use. "
                + "Stop the process that has it (`ss -ltnp 'sport = :\(port)'` shows it), or choose another port; "
                + "port 0 takes a free one."
        case .permissionDenied(let host, let port):
            "Cannot listen on \(PeerAddress(host: host, port: port).hostAndPort): permission denied. "
                + "Ports below 1024 need privileges; choose a higher one."
        case .nameNotFound(let host):
            "Cannot listen on '\(host)': the name has no address. Check the spelling, or use an address such as 127.0.0.1."
        case .addressNotAvailable(let host):
            "Cannot listen on '\(host)': no network interface of this machine has that address. "
                + "Use 127.0.0.1 for this machine only, or 0.0.0.0 for all interfaces."
        case .failed(let host, let port, let reason):
            "Cannot listen on \(PeerAddress(host: host, port: port).hostAndPort): \(reason)."
        }
    }
}

extension ListenError {
    init(_ error: any Error, options: ListenerOptions) {
        switch error {
        case let error as IOError:
            switch error.errnoCode {
            case EADDRINUSE: self = .addressInUse(host: options.host, port: options.port)
            case EACCES: self = .permissionDenied(host: options.host, port: options.port)
            case EADDRNOTAVAIL: self = .addressNotAvailable(host: options.host)
            default:
                let reason = ConnectionFailure.message(errno: error.errnoCode)
                self = .failed(host: options.host, port: options.port, reason: reason)
            }
        case is SocketAddressError, is SocketAddressError.UnknownHost:
            self = .nameNotFound(host: options.host)
        default:
            self = .failed(host: options.host, port: options.port, reason: "\(error)")
        }
    }
}

import Glibc

/// A plain TCP connection to 127.0.0.1, for bytes that no client would send.
package final class RawConnection {
    package struct Failure: Error {
        package let operation: String
        package let code: Int32
    }

    private let descriptor: Int32

    /// Connects; reads give up after `limit` seconds, so that a broker that never answers fails a test, not hangs it.
    package init(port: Int, limit: Int = 20) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw Failure(operation: "socket", code: errno) }
        var time = timeval(tv_sec: limit, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port).bigEndian)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0 else {
            let code = errno
            close(descriptor)
            throw Failure(operation: "connect", code: code)
        }
    }

    deinit { close(descriptor) }

    package func send(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw Failure(operation: "send", code: errno) }
            sent += count
        }
    }

    /// What arrives next, at most `limit` bytes; empty at the end of the stream, or when the peer reset it.
    package func receive(_ limit: Int = 65_536) throws -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: limit)
        let count = recv(descriptor, &buffer, limit, 0)
        if count < 0 && errno == ECONNRESET { return [] }
        guard count >= 0 else { throw Failure(operation: "recv", code: errno) }
        return Array(buffer[..<count])
    }

    /// Exactly `count` bytes, or fewer when the stream ends first.
    package func receive(exactly count: Int) throws -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count {
            let more = try receive(count - bytes.count)
            if more.isEmpty { break }
            bytes += more
        }
        return bytes
    }

    /// True when the peer closes without another byte.
    package func isClosedByPeer() throws -> Bool { try receive().isEmpty }

    /// Sends a frame: the size, then `payload`.
    package func sendFrame(_ payload: [UInt8]) throws {
        let size = UInt32(payload.count)
        try send(
            [
                UInt8(truncatingIfNeeded: size >> 24), UInt8(truncatingIfNeeded: size >> 16),
                UInt8(truncatingIfNeeded: size >> 8), UInt8(truncatingIfNeeded: size),
            ] + payload
        )
    }

    /// Receives one frame without its size.
    package func receiveFrame() throws -> [UInt8] {
        let prefix = try receive(exactly: 4)
        guard prefix.count == 4 else { return [] }
        return try receive(exactly: prefix.reduce(0) { $0 << 8 | Int($1) })
    }
}

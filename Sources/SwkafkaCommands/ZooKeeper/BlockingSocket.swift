import Glibc

/// A TCP connection whose calls block, each for a limited time: enough to ask a few questions on a thread of its own.
final class BlockingSocket {
    private let descriptor: CInt

    /// Connects to the first address of the host that answers.
    init(_ host: String, _ port: UInt16, patienceMs: Int32) throws(SocketFailure) {
        let addresses: [HostLookup.Address]
        do throws(HostLookup.Failure) {
            addresses = try HostLookup.addresses(of: host, port: Int(port))
        } catch {
            throw .io("the name cannot be looked up: \(error.reason)")
        }
        var reason = "it has no address"
        for address in addresses {
            do throws(SocketDial.Failure) {
                descriptor = try SocketDial.connect(to: address, timeout: .milliseconds(patienceMs))
                Self.setBlocking(descriptor, patienceMs)
                return
            } catch {
                reason = error.reason
            }
        }
        throw .io(reason)
    }

    deinit { Glibc.close(descriptor) }

    private static func setBlocking(_ descriptor: CInt, _ patienceMs: Int32) {
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) & ~O_NONBLOCK)
        var time = timeval(tv_sec: Int(patienceMs / 1000), tv_usec: Int(patienceMs % 1000) * 1000)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
    }

    func send(_ bytes: [UInt8]) throws(SocketFailure) {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw .io(Self.reason()) }
            sent += count
        }
    }

    /// The next frame without its length.
    func frame(limit: Int) throws(SocketFailure) -> [UInt8] {
        let head = try receive(4)
        let length = head.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        guard length <= limit else { throw .io("the answer is no frame of the protocol") }
        return try receive(Int(length))
    }

    private func receive(_ count: Int) throws(SocketFailure) -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: min(count, 1 << 16))
        while bytes.count < count {
            let wanted = min(chunk.count, count - bytes.count)
            let received = recv(descriptor, &chunk, wanted, 0)
            if received < 0, errno == EINTR { continue }
            guard received != 0 else { throw .io("it closed the connection") }
            guard received > 0 else { throw .io(Self.reason()) }
            bytes += chunk[..<received]
        }
        return bytes
    }

    private static func reason() -> String {
        errno == EAGAIN ? "no answer came" : systemMessage(errno)
    }
}

import Glibc

/// A TCP connection whose calls block, each for a limited time: enough to ask a few questions on a thread of its own.
final class BlockingSocket {
    private let descriptor: CInt

    /// Connects to the first address of the host that answers.
    init(_ host: String, _ port: UInt16, patienceMs: Int32) throws(SocketFailure) {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_NUMERICSERV
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, String(port), &hints, &list)
        guard code == 0, let list else {
            throw .io("the name cannot be looked up: \(String(cString: gai_strerror(code)))")
        }
        defer { freeaddrinfo(list) }
        var reason = "it has no address"
        var entry: UnsafeMutablePointer<addrinfo>? = list
        while let address = entry {
            let descriptor = socket(
                address.pointee.ai_family,
                address.pointee.ai_socktype | Int32(SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue),
                address.pointee.ai_protocol
            )
            guard descriptor >= 0 else { throw .io(systemMessage(errno)) }
            let failure = Self.connect(descriptor, address.pointee, patienceMs)
            if failure == 0 {
                Self.setBlocking(descriptor, patienceMs)
                self.descriptor = descriptor
                return
            }
            reason = systemMessage(failure)
            Glibc.close(descriptor)
            entry = address.pointee.ai_next
        }
        throw .io(reason)
    }

    deinit { Glibc.close(descriptor) }

    /// - Returns: 0, or why there is no connection.
    private static func connect(_ descriptor: CInt, _ address: addrinfo, _ patienceMs: Int32) -> Int32 {
        if Glibc.connect(descriptor, address.ai_addr, address.ai_addrlen) == 0 { return 0 }
        guard errno == EINPROGRESS else { return errno }
        var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        guard poll(&request, 1, patienceMs) > 0 else { return ETIMEDOUT }
        var code: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &size)
        return code
    }

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

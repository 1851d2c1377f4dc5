import Glibc

/// Makes TCP connections by calls that block for a limited time: to be called on a thread of its own.
enum SocketDial {
    struct Failure: Error, Equatable {
        /// The system's error number; ETIMEDOUT when the time was up here.
        var code: Int32
        var reason: String { systemMessage(code) }
    }

    /// - Returns: a socket whose calls do not block, for the caller to close.
    static func connect(to address: HostLookup.Address, timeout: Duration) throws(Failure) -> CInt {
        let descriptor = socket(
            address.family,
            Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue),
            0
        )
        guard descriptor >= 0 else { throw Failure(code: errno) }
        let code = connect(descriptor, address, timeout)
        guard code == 0 else {
            close(descriptor)
            throw Failure(code: code)
        }
        return descriptor
    }

    /// - Returns: 0, or why there is no connection.
    private static func connect(_ descriptor: CInt, _ address: HostLookup.Address, _ timeout: Duration) -> Int32 {
        let status = address.bytes.withUnsafeBytes { bytes in
            // getaddrinfo made these bytes as a sockaddr of this very length.
            bytes.baseAddress.map {
                Glibc.connect(descriptor, $0.assumingMemoryBound(to: sockaddr.self), socklen_t(bytes.count))
            } ?? -1
        }
        if status == 0 { return 0 }
        guard errno == EINPROGRESS else { return errno }
        guard wait(descriptor, POLLOUT, timeout) else { return ETIMEDOUT }
        var code: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &size)
        return code
    }

    /// Whether the event came in time.
    static func wait(_ descriptor: CInt, _ event: Int32, _ timeout: Duration) -> Bool {
        let end = ContinuousClock.now + timeout
        while true {
            let left = (end - ContinuousClock.now) / .milliseconds(1)
            guard left > 0 else { return false }
            var request = pollfd(fd: descriptor, events: Int16(event), revents: 0)
            let count = poll(&request, 1, Int32(min(left.rounded(.up), Double(Int32.max))))
            if count > 0 { return true }
            if count == 0 || errno != EINTR { return false }
        }
    }
}

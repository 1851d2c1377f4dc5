import Foundation
import Glibc

/// A server on a free port of 127.0.0.1 that answers every connection's first bytes with others and hangs up: for peers
/// that do not speak Kafka's protocol.
package final class RawServer: Sendable {
    package let port: Int
    private let descriptor: CInt

    /// Runs while `body` does.
    ///
    /// - Parameter answer: what to say to the first bytes that came; they are at least one.
    package static func with<Result: Sendable>(
        _ answer: @escaping @Sendable ([UInt8]) -> [UInt8],
        _ body: (RawServer) async throws -> Result
    ) async throws -> Result {
        let server = try RawServer()
        let thread = Thread { [descriptor = server.descriptor] in Self.serve(descriptor, answer) }
        thread.start()
        defer { shutdown(server.descriptor, Int32(SHUT_RDWR)) }
        return try await body(server)
    }

    private init() throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
                bind(descriptor, raw, size) | listen(descriptor, 16) | getsockname(descriptor, raw, &size)
            }
        }
        guard status == 0 else { throw POSIXFailure(code: errno) }
        self.descriptor = descriptor
        port = Int(UInt16(bigEndian: address.sin_port))
    }

    private struct POSIXFailure: Error {
        var code: Int32
    }

    /// Until the socket is shut down.
    private static func serve(_ descriptor: CInt, _ answer: ([UInt8]) -> [UInt8]) {
        while true {
            let connection = accept(descriptor, nil, nil)
            if connection < 0 {
                if errno == EINTR || errno == ECONNABORTED { continue }
                break
            }
            var bytes = [UInt8](repeating: 0, count: 1024)
            let count = recv(connection, &bytes, bytes.count, 0)
            if count > 0 {
                let reply = answer(Array(bytes.prefix(count)))
                _ = send(connection, reply, reply.count, Int32(MSG_NOSIGNAL))
            }
            close(connection)
        }
        close(descriptor)
    }
}

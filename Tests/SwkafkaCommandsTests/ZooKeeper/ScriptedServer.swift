import Foundation
import Glibc
import Synchronization

/// A server on a free port of 127.0.0.1 that answers each frame (four bytes of length before it) as a script says.
final class ScriptedServer: Sendable {
    let port: UInt16
    private let listener: Int32
    /// What is said to the frames of one connection, one after the other; nil closes it.
    private let script: @Sendable (_ frame: [UInt8]) -> [UInt8]?

    init(_ script: @escaping @Sendable (_ frame: [UInt8]) -> [UInt8]?) throws {
        self.script = script
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let socket = listener
        let code = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(socket, pointer, size) == 0 && listen(socket, 16) == 0 ? getsockname(socket, pointer, &size) : -1
            }
        }
        guard code == 0 else { throw POSIXError(.EADDRNOTAVAIL) }
        port = UInt16(bigEndian: address.sin_port)
    }

    /// Serves while the body runs.
    func serve<Result>(_ body: () async throws -> Result) async throws -> Result {
        let thread = Thread { [self] in
            while true {
                let connection = accept(listener, nil, nil)
                guard connection >= 0 else { return }
                while let frame = Self.frame(connection), let answer = script(frame) {
                    _ = send(connection, answer, answer.count, 0x4000)
                }
                close(connection)
            }
        }
        thread.start()
        defer {
            // Ends the accept(2) that waits.
            shutdown(listener, Int32(SHUT_RDWR))
            close(listener)
        }
        return try await body()
    }

    private static func frame(_ connection: Int32) -> [UInt8]? {
        guard let head = receive(connection, 4) else { return nil }
        return receive(connection, head.reduce(0) { $0 << 8 | Int($1) } & 0xFFFFF)
    }

    private static func receive(_ connection: Int32, _ count: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        var done = 0
        while done < count {
            let received = bytes[done...].withUnsafeMutableBytes { recv(connection, $0.baseAddress, count - done, 0) }
            guard received > 0 else { return nil }
            done += received
        }
        return bytes
    }
}

/// A ZooKeeper as one of Debian's, version 3.8, was recorded, with other contents.
struct RecordedZooKeeper {
    /// Its answer to a new session.
    static let session = bytes(
        "0000002500000000000027100100018e3aaa0000000000104462706b81206812c28876e032cfd0f500"
    )
    /// Its answers to requests that it was recorded with: the children of `/brokers/ids`, the data of the only one, and
    /// that there is no such node.
    static let children = bytes("0000001900000001000000000000000500000000000000010000000130")
    static let nothing = bytes("00000010000000010000000000000005ffffff9b")

    static func bytes(_ hex: String) -> [UInt8] {
        stride(from: 0, to: hex.count, by: 2).compactMap { index in
            let start = hex.index(hex.startIndex, offsetBy: index)
            return UInt8(hex[start..<hex.index(start, offsetBy: 2)], radix: 16)
        }
    }

    static func bigEndian(_ number: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: number.bigEndian) { Array($0) }
    }

    static func data(id: Int32, _ text: String) -> [UInt8] {
        let body =
            bigEndian(id) + bigEndian(Int64(5)) + bigEndian(Int32(0)) + bigEndian(Int32(text.utf8.count))
            + Array(text.utf8) + [UInt8](repeating: 0, count: 68)
        return bigEndian(Int32(body.count)) + body
    }

    /// The script of a ZooKeeper with one broker, below `chroot`.
    static func script(registration: String, chroot: String = "") -> @Sendable ([UInt8]) -> [UInt8]? {
        { frame in
            // A session is asked for with 45 bytes, of which the first four, the version, are 0.
            if frame.count == 45, frame.prefix(4).allSatisfy({ $0 == 0 }) { return session }
            guard frame.count >= 12 else { return nil }
            let operation = frame[7]
            let path = String(decoding: frame.dropFirst(12).dropLast(), as: UTF8.self)
            switch (operation, path) {
            case (8, chroot + "/brokers/ids"): return children
            case (8, _): return nothing
            case (4, chroot + "/brokers/ids/0"): return data(id: Int32(frame[3]), registration)
            default: return nil
            }
        }
    }
}

import Glibc
import Logging
import NIOCore
import NIOPosix

/// A socket in the data directory by which the user whose broker this is, and nobody else, gives it orders: a line for
/// a line.
///
/// Only the owner may open the file, and whoever connects is asked for by the kernel's word on the peer's user.
final class AdminSocket: Sendable {
    private typealias Connection = NIOAsyncChannel<ByteBuffer, ByteBuffer>

    private let server: NIOAsyncChannel<Connection, Never>
    private let path: AdminSocketPath
    private let logger: Logger

    /// Longer lines are nobody's command.
    private static let longestLine = 1024

    private init(server: NIOAsyncChannel<Connection, Never>, path: AdminSocketPath, logger: Logger) {
        self.server = server
        self.path = path
        self.logger = logger
    }

    /// Opens the socket in a directory that this process holds the lock of; one that a killed broker left goes.
    static func bind(
        directory: String,
        on group: any EventLoopGroup,
        logger: Logger
    ) async throws(BrokerError) -> AdminSocket {
        let path = AdminSocketPath(directory: directory)
        unlink(path.path)
        do {
            let server = try await path.withAddress { address in
                try await ServerBootstrap(group: group).bind(unixDomainSocketPath: address) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try Connection(wrappingChannelSynchronously: channel)
                    }
                }
            }
            guard chmod(path.path, 0o600) == 0 else {
                throw BrokerError(
                    .storage,
                    "cannot set the permissions of \(path.path): \(String(cString: strerror(errno)))"
                )
            }
            return AdminSocket(server: server, path: path, logger: logger)
        } catch let error as BrokerError {
            throw error
        } catch {
            throw BrokerError(.listen, "cannot listen on \(path.path): \(error)")
        }
    }

    /// Answers lines until the task is cancelled or the socket is closed.
    func run(_ answer: @Sendable @escaping (String) async -> String) async {
        do {
            try await server.executeThenClose { connections in
                try await withThrowingDiscardingTaskGroup { group in
                    for try await connection in connections {
                        group.addTask { await self.serve(connection, answer) }
                    }
                    group.cancelAll()
                }
            }
        } catch is CancellationError {
        } catch {
            logger.error("The admin socket failed", metadata: ["path": "\(path.path)", "error": "\(error)"])
        }
    }

    /// Ends `run` and takes the socket away.
    func close() async {
        // Fails only when closed already.
        try? await server.channel.close()
        unlink(path.path)
    }

    private func serve(_ connection: Connection, _ answer: @Sendable (String) async -> String) async {
        // A peer that goes away in the middle of anything has no claim to more.
        try? await connection.executeThenClose { inbound, outbound in
            guard try await isOwner(connection.channel) else { return }
            var line: [UInt8] = []
            for try await part in inbound {
                for byte in part.readableBytesView {
                    guard byte == UInt8(ascii: "\n") else {
                        line.append(byte)
                        guard line.count <= Self.longestLine else { return }
                        continue
                    }
                    let text = await answer(String(decoding: line, as: UTF8.self)) + "\n"
                    line = []
                    try await outbound.write(ByteBuffer(string: text))
                }
            }
        }
    }

    private func isOwner(_ channel: any Channel) async throws -> Bool {
        guard let provider = channel as? any SocketOptionProvider else { return false }
        let peer: PeerCredentials = try await provider.unsafeGetSocketOption(
            level: .socket,
            name: NIOBSDSocket.Option(rawValue: SO_PEERCRED)
        ).get()
        return peer.user == geteuid()
    }
}

/// The kernel's `struct ucred`, which the C library's header shows to GNU programs only.
private struct PeerCredentials {
    var process: pid_t
    var user: uid_t
    var group: gid_t
}

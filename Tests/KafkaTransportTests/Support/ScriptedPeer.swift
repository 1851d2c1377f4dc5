import NIOCore
import NIOPosix
import Testing

/// A server on a free port that follows `script` for each connection, while `body` runs.
func withScriptedPeer(
    script: @escaping @Sendable (RawConnection) async throws -> Void,
    body: (_ port: Int) async throws -> Void
) async throws {
    let (connections, arrivals) = AsyncStream.makeStream(of: RawConnection.self)
    let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
        .childChannelInitializer { channel in
            channel.eventLoop.makeCompletedFuture { _ = arrivals.yield(try RawConnection(channel)) }
        }
        .bind(host: "127.0.0.1", port: 0).get()
    let port = try #require(server.localAddress?.port)
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
            await withDiscardingTaskGroup { scripts in
                for await connection in connections {
                    scripts.addTask {
                        // A script ends when its connection does; what a test expects, it checks itself.
                        try? await script(connection)
                        connection.close()
                    }
                }
            }
        }
        let outcome: Result<Void, any Error>
        do {
            outcome = .success(try await body(port))
        } catch {
            outcome = .failure(error)
        }
        try await server.close()
        arrivals.finish()
        try await group.waitForAll()
        try outcome.get()
    }
}

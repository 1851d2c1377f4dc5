import Glibc
import NIOCore
import NIOPosix

/// Sets the clock of a broker that runs on this machine with `--clock`, by its data directory.
package struct BrokerClockControl: Sendable {
    private let directory: String

    package init(dataDirectory: String) { directory = dataDirectory }

    /// Has a command carried out, with all of the broker's regular work that becomes due by it.
    package func perform(_ command: ClockCommand) async throws(BrokerError) -> ClockAnswer {
        let path = AdminSocketPath(directory: directory)
        guard access(path.path, F_OK) == 0 else {
            throw BrokerError(
                .state,
                "no broker with a clock that can be set has its data in \(directory); start one with swkafka broker "
                    + "--clock now --data-dir \(directory)"
            )
        }
        let line: String
        do {
            line = try await path.withAddress { try await exchange(command.line, at: $0) }
        } catch {
            throw BrokerError(.state, "cannot reach the broker at \(path.path): \(Self.reason(error))")
        }
        guard let answer = ClockAnswer(line: line) else {
            throw BrokerError(.state, "the broker at \(path.path) answered '\(line)', which this version does not know")
        }
        return answer
    }

    private func exchange(_ line: String, at address: String) async throws -> String {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(unixDomainSocketPath: address) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            try await outbound.write(ByteBuffer(string: line + "\n"))
            var answer: [UInt8] = []
            for try await part in inbound {
                answer += part.readableBytesView
                guard let end = answer.firstIndex(of: UInt8(ascii: "\n")) else { continue }
                return String(decoding: answer[..<end], as: UTF8.self)
            }
            throw ChannelError.eof
        }
    }

    private static func reason(_ error: any Error) -> String {
        switch error {
        case let error as IOError where error.errnoCode == ECONNREFUSED: "the broker has ended without cleaning up"
        case let error as IOError where error.errnoCode == EACCES: "it belongs to another user"
        case let error as IOError: String(cString: strerror(error.errnoCode))
        case ChannelError.eof: "it closed the connection; only the user that started the broker may set its clock"
        default: "\(error)"
        }
    }
}

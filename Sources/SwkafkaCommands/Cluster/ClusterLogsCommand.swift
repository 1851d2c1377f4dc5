import ArgumentParser
import Glibc

/// `swkafka cluster logs`: what a node has said.
struct ClusterLogsCommand: SwkafkaCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs",
        abstract: "Show what a node has said, and with -f what it says from now on.",
        discussion: """
            EXAMPLES
              swkafka cluster logs 1001
              swkafka cluster logs 1 -f
            """
    )

    @OptionGroup var home: ClusterHomeOptions
    @Flag(name: .shortAndLong, help: "Go on until Ctrl-C.") var follow = false
    @Argument(help: ArgumentHelp("The node: 1 is the controller.", valueName: "id")) var id: Int32

    private static let glance = Duration.milliseconds(100)

    func execute(_ context: CommandContext) async throws -> ExitStatus {
        let home = try home.home(context)
        let folder = try home.folder(id, in: try home.plan())
        let descriptor = open(folder.logPath, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            guard errno == ENOENT else {
                throw CommandFailure("Cannot read \(folder.logPath): \(systemMessage(errno)).")
            }
            throw CommandFailure("Node \(id) has not been started yet.")
        }
        defer { close(descriptor) }
        if follow { context.interruptions.start(watching: context.outputDescriptor) }
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw CommandFailure("Cannot read \(folder.logPath): \(systemMessage(errno)).") }
            if count > 0 {
                try context.output.write(String(decoding: chunk[..<count], as: UTF8.self))
                continue
            }
            try context.output.flush()
            guard follow else { return .success }
            if let interruption = context.interruptions.first { return interruption.status }
            try await Task.sleep(for: Self.glance)
        }
    }
}

package import Foundation

/// What a finished command left behind.
package struct CommandResult: Sendable, CustomStringConvertible {
    package let status: Int32
    package let output: Data
    package let errors: String

    package var text: String { String(decoding: output, as: UTF8.self) }
    package var lines: [String] { text.split(separator: "\n").map(String.init) }

    package var description: String { "status \(status)\n\(text)\n\(errors)" }
}

/// Runs a command to its end, with `input` on its standard input.
package func run(
    _ executable: String,
    _ arguments: [String],
    input: Data = Data(),
    environment: [String: String] = [:],
    directory: String? = nil
) async throws -> CommandResult {
    try await ManagedProcess.with(executable, arguments, environment: environment, directory: directory) { process in
        // A pipe holds 64 KiB: more input than that waits for the child to read, so it has a thread of its own.
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                // A child may end without reading all of its input; its status tells whether that was right.
                try? process.write(input)
                process.closeInput()
                continuation.resume()
            }
        }
        let status = await process.status()
        return CommandResult(status: status, output: process.output.data, errors: process.errors.text)
    }
}

package import Foundation
import Glibc
import Synchronization

/// A child process under test: its streams are collected, and it never outlives the body that it was started for.
package final class ManagedProcess: Sendable {
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    package let output = OutputCollector()
    package let errors = OutputCollector()
    package let processIdentifier: Int32

    /// One at a time: Foundation has been seen to crash in starts side by side.
    private static let starting = Mutex<Void>(())

    private let process: Mutex<Process>
    private let input: Mutex<FileHandle?>
    private let exit = OutputCollector()
    private let name: String

    private init(
        _ executable: String,
        _ arguments: [String],
        environment: [String: String],
        directory: String?
    ) throws {
        // A child that has gone must show as a failed write here, not end the test runner.
        signal(SIGPIPE, SIG_IGN)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: executable)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { _, new in new }
        if let directory { process.currentDirectoryURL = URL(fileURLWithPath: directory) }
        let (stdin, stdout, stderr, ended) = (Pipe(), Pipe(), Pipe(), Pipe())
        process.standardInput = stdin
        process.standardOutput = stdout
        process.standardError = stderr
        process.terminationHandler = { _ in try? ended.fileHandleForWriting.close() }
        try Self.starting.withLock { _ in try Self.unblockingSignals { try process.run() } }
        processIdentifier = process.processIdentifier
        name = ([executable] + arguments).joined(separator: " ")
        output.collect(from: stdout.fileHandleForReading)
        errors.collect(from: stderr.fileHandleForReading)
        exit.collect(from: ended.fileHandleForReading)
        input = Mutex(stdin.fileHandleForWriting)
        self.process = Mutex(process)
    }

    /// A child inherits the mask of the thread that starts it, and threads of a pool block what they can: without this
    /// SIGTERM would never reach it, nor what it starts.
    private static func unblockingSignals(_ body: () throws -> Void) rethrows {
        var none = sigset_t()
        var before = sigset_t()
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        try body()
    }

    /// Starts `executable`, runs `body` with it, and ends it (SIGKILL if it still runs) before returning.
    package static func with<Result: Sendable>(
        _ executable: String,
        _ arguments: [String],
        environment: [String: String] = [:],
        directory: String? = nil,
        _ body: @Sendable (ManagedProcess) async throws -> Result
    ) async throws -> Result {
        let process = try ManagedProcess(executable, arguments, environment: environment, directory: directory)
        do {
            let result = try await body(process)
            await process.end()
            return result
        } catch {
            await process.end()
            throw error
        }
    }

    package var isRunning: Bool { process.withLock { $0.isRunning } }

    package func send(signal number: Int32) {
        process.withLock { process in
            if process.isRunning { kill(process.processIdentifier, number) }
        }
    }

    /// Writes to standard input; an error when the child no longer reads.
    package func write(_ data: Data) throws {
        try input.withLock { try $0?.write(contentsOf: data) }
    }

    package func closeInput() {
        input.withLock { handle in
            try? handle?.close()
            handle = nil
        }
    }

    /// The first whole line on standard output that holds `text`; fails when the process ends without one.
    package func line(containing text: String) async throws -> String {
        @Sendable func find(_ data: Data) -> String? {
            String(decoding: data, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false).dropLast()
                .first { $0.contains(text) }.map(String.init)
        }
        _ = await output.wait { find($0) != nil }
        guard let line = find(output.data) else {
            throw Failure(description: "\(name): no line with '\(text)'.\n\(output.text)\(errors.text)")
        }
        return line
    }

    /// Waits for the end of the process, which a cancellation (the time limit of a test) brings at once. Its status; 128
    /// plus the number of the signal that killed it, as shells say.
    package func status() async -> Int32 {
        await ended()
        await output.finished()
        await errors.finished()
        return process.withLock { process in
            process.waitUntilExit()
            return process.terminationReason == .uncaughtSignal
                ? 128 + process.terminationStatus : process.terminationStatus
        }
    }

    private func end() async {
        closeInput()
        send(signal: SIGKILL)
        await ended()
    }

    /// Waits for the end of the process even when cancelled: it is killed then.
    private func ended() async {
        await withTaskCancellationHandler {
            await exit.ended()
        } onCancel: {
            send(signal: SIGKILL)
        }
    }
}

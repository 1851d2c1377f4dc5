import Synchronization

@testable import SwkafkaCommands

/// Collects what a command writes.
final class MemorySink: ByteSink {
    private let bytes = Mutex<[UInt8]>([])
    private let failure: OutputError?

    init(failure: OutputError? = nil) { self.failure = failure }

    func write(_ more: UnsafeRawBufferPointer) throws(OutputError) {
        if let failure { throw failure }
        bytes.withLock { $0.append(contentsOf: more) }
    }

    var text: String { String(decoding: bytes.withLock { $0 }, as: UTF8.self) }
}

/// What a command line printed and how it ended.
struct Transcript: Equatable {
    var status: Int32
    var output: String
    var errors: String
}

/// Runs a command line in memory.
func transcript(_ words: String..., colour: Bool = false) async -> Transcript {
    await transcript(words, colour: colour)
}

func transcript(_ words: [String], colour: Bool = false) async -> Transcript {
    let output = MemorySink()
    let errors = MemorySink()
    let context = testContext(output: output, errors: errors, colour: colour)
    let status = await runCommand(words, in: context)
    return Transcript(status: status.rawValue, output: output.text, errors: errors.text)
}

func testContext(output: any ByteSink, errors: any ByteSink, colour: Bool = false) -> CommandContext {
    CommandContext(
        output: ByteOutput(output),
        errors: errors,
        input: -1,
        environment: [:],
        directory: nil,
        inputIsTerminal: false,
        outputIsTerminal: colour,
        width: nil,
        interruptions: NoInterruptions(),
        nowMs: { 1_700_000_000_000 }
    )
}

/// The command that a command line means, without running it.
func parsed<Command>(_ type: Command.Type, _ words: String...) throws -> Command {
    guard let command = try CommandLineReader.parse(words) as? Command else {
        throw CommandFailure("parsed as something else")
    }
    return command
}

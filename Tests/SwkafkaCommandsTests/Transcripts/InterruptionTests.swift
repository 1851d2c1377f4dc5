import Glibc
import Testing

@testable import SwkafkaCommands

/// What signals and a reader that goes away do to the commands that would otherwise go on for ever.
@Suite(.timeLimit(.minutes(2))) struct InterruptionTests {
    @Test(
        arguments: [
            (Interruption.signal(SIGINT), 130, "Processed a total of 2 messages\n"),
            (.signal(SIGTERM), 143, "Processed a total of 2 messages\n"), (.outputClosed, 0, ""),
        ] as [(Interruption, Int32, String)]
    )
    func theConsumerEnds(interruption: Interruption, status: Int32, talk: String) async throws {
        try await CommandBench.with { bench in
            _ = try await bench.run("console-producer", "--topic", "t", input: "m0\nm1\n")
            let interruptions = ManualInterruptions()
            let output = InterruptingSink(interruptions, interruption)
            let errors = MemorySink()
            var context = testContext(output: output, errors: errors)
            context.interruptions = interruptions
            let words = ["console-consumer", "--topic", "t", "--from-beginning", "--bootstrap-server", bench.address]
            let result = await runCommand(words, in: context)
            #expect(result.rawValue == status)
            #expect(output.text == "m0\nm1\n")
            #expect(errors.text == talk)
        }
    }

    @Test func aClosedPipeEndsTheConsumerSilently() async throws {
        try await CommandBench.with { bench in
            _ = try await bench.run("console-producer", "--topic", "t", input: "m0\nm1\n")
            let errors = MemorySink()
            let context = testContext(output: MemorySink(failure: .closed), errors: errors)
            let words = ["console-consumer", "--topic", "t", "--from-beginning", "--bootstrap-server", bench.address]
            #expect(await runCommand(words, in: context) == .success)
            #expect(errors.text.isEmpty)
        }
    }

    @Test func theProducerStopsReadingAndFlushes() async throws {
        try await CommandBench.with { bench in
            var ends: [CInt] = [-1, -1]
            #expect(pipe(&ends) == 0)
            defer { for end in ends { close(end) } }
            let interruptions = ManualInterruptions()
            interruptions.fire(.signal(SIGINT))
            var context = testContext(output: MemorySink(), errors: MemorySink())
            context.input = ends[0]
            context.interruptions = interruptions
            let words = ["console-producer", "--topic", "t", "--bootstrap-server", bench.address]
            #expect(await runCommand(words, in: context) == .signal(SIGINT))
        }
    }
}

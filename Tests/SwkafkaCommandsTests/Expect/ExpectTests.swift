import Testing

@testable import SwkafkaCommands

@Suite(.timeLimit(.minutes(2))) struct ExpectTests {
    @Test func whatIsThere() async throws {
        try await CommandBench.with { bench in
            _ = try await bench.run("console-producer", "--topic", "t", input: "new\npaid 1\n{\"id\":7}\npaid 2\n")
            let paid = try await bench.run("expect", "t", "--match", "paid", "--count", "2")
            #expect(paid == Transcript(status: 0, output: "paid 1\npaid 2\n", errors: ""))
            let field = try await bench.run("expect", "t", "--where", ".id=7", "--output", "json")
            #expect(field.status == 0)
            #expect(field.output.contains("\"offset\":2"))
            let later = try await bench.run("expect", "t", "--match", "paid", "--from", "2")
            #expect(later.output == "paid 2\n")
        }
    }

    @Test func whatDoesNotCome() async throws {
        try await CommandBench.with { bench in
            _ = try await bench.run("console-producer", "--topic", "t", input: "a\nb\n")
            let missing = try await bench.run("expect", "t", "--match", "c", "--within", "50ms")
            let errors = "swkafka expect: No record of topic 't' passed within 50ms; 2 records were read.\n"
            #expect(missing == Transcript(status: 1, output: "", errors: errors))
            let few = try await bench.run("expect", "t", "--count", "3", "--within", "50ms")
            #expect(few.status == 1)
            #expect(few.output == "a\nb\n")
            #expect(few.errors.hasPrefix("swkafka expect: Only 2 of 3 records of topic 't' passed"))
            let absent = try await bench.run("expect", "nowhere", "--within", "50ms")
            #expect(absent.status == 1)
            let none = try await bench.run("expect", "t", "--match", "c", "--never", "--within", "50ms")
            #expect(none.status == 0)
            let unwanted = try await bench.run("expect", "t", "--match", "a", "--never", "--within", "10s")
            #expect(unwanted.status == 1)
            #expect(unwanted.output == "a\n")
        }
    }

    /// Neither the topic nor the record is there when the waiting begins.
    @Test func whatComesLater() async throws {
        try await CommandBench.with { bench in
            async let expected = bench.run("expect", "later", "--match", "x", "--within", "60s")
            _ = try await bench.run("console-producer", "--topic", "later", input: "w\nx\n")
            #expect(try await expected == Transcript(status: 0, output: "x\n", errors: ""))
        }
    }

    @Test(arguments: [
        ["--count", "0"], ["--within", "soon"], ["--match", "("], ["--never", "--count", "2"], ["--from", "x"],
    ])
    func wrongWords(words: [String]) async {
        let result = await transcript(["expect", "t", "--bootstrap-server", "127.0.0.1:1"] + words)
        #expect(result.status == 2, "\(result)")
    }
}

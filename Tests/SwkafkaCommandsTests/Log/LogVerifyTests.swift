import Foundation
import KafkaTestSupport
import Testing

@testable import SwkafkaCommands

@Suite(.timeLimit(.minutes(2))) struct LogVerifyTests {
    @Test func aCleanDirectory() async throws {
        try await KafkaDirectory.with { directory in
            let result = await transcript("log", "verify", directory.path)
            #expect(result.status == 0)
            #expect(result.output.hasSuffix(" bytes: clean\n"))
            #expect(result.output.split(separator: "\n").count == 1)
            #expect(result.errors.hasPrefix("Read "))
            let json = await transcript("log", "verify", directory.path, "--output", "json", "--shallow")
            #expect(json.output.contains("\"clean\": true"))
            // Of the records only the markers of transactions are read.
            #expect(json.output.contains("\"records\": 4"))
        }
    }

    @Test func aDamagedOne() async throws {
        try await KafkaDirectory.with { directory in
            let file = "mixed-0/00000000000000000000.log"
            try directory.change(file) { $0[400] ^= 4 }
            let text = await transcript("log", "verify", directory.path)
            #expect(text.status == 1)
            #expect(text.output.contains("\(directory.path)/\(file): byte 274, offset 5: the batch is damaged"))
            #expect(text.output.hasSuffix(": 1 fault\n"))
            for format in ["json", "yaml", "table"] {
                let result = await transcript("log", "verify", directory.path, "--output", format)
                #expect(result.status == 1)
                #expect(result.output.contains("274"))
                #expect(result.output.contains("checksum"))
            }
        }
    }

    @Test func nothingToVerify() async throws {
        #expect(await transcript("log", "verify").status == 2)
        let missing = await transcript("log", "verify", "/no/such/directory")
        #expect(missing.status == 1)
        #expect(missing.errors.contains("/no/such/directory"))
    }
}

import Glibc

/// Generates the Swift of all protocol messages from the schemas beside this tool.
///
///     swift run GenerateMessages            writes Sources/KafkaMessages/Generated
///     swift run GenerateMessages --check    changes nothing; exits 1 and names the files that are stale
///
/// Runs in the package's folder.
@main
enum GenerateMessages {
    static func main() {
        let arguments = CommandLine.arguments.dropFirst()
        guard arguments.isEmpty || arguments.elementsEqual(["--check"]) else {
            say("usage: GenerateMessages [--check]")
            exit(2)
        }
        do {
            try run(check: !arguments.isEmpty)
        } catch {
            say("GenerateMessages: \(error)")
            exit(1)
        }
    }

    private static func run(check: Bool) throws {
        let schemas = try Folder(path: Generator.schemaFolder).readAll(suffix: ".schema")
        guard !schemas.isEmpty else {
            say("GenerateMessages: no schemas here; run it in the package's folder")
            exit(1)
        }
        let output = Folder(path: Generator.outputFolder)
        let generated = try Generator.generate(schemas)
        let committed = try output.readAll(suffix: ".swift")
        let stale = Generator.staleFiles(generated: generated, committed: committed)
        if check {
            guard stale.isEmpty else {
                for file in stale { say("stale: \(output.path)/\(file)") }
                say("run: swift run GenerateMessages")
                exit(1)
            }
            return
        }
        for file in stale {
            if let text = generated[file] { try output.write(text, to: file) } else { try output.remove(file) }
        }
        say("\(generated.count) files, \(stale.count) changed")
    }

    private static func say(_ text: String) {
        let line = Array((text + "\n").utf8)
        _ = write(STDERR_FILENO, line, line.count)
    }
}

import Foundation
import GenerateMessages
import Testing

/// The committed Swift is what the schemas give.
@Suite struct GeneratedFilesTests {
    private var root: URL {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
    }

    private func texts(_ folder: String, _ suffix: String) throws -> [String: String] {
        try Folder(path: root.appendingPathComponent(folder).path).readAll(suffix: suffix)
    }

    @Test func committedFilesAreCurrent() throws {
        let schemas = try texts(Generator.schemaFolder, ".schema")
        #expect(schemas.count == 144)
        let generated = try Generator.generate(schemas)
        let stale = Generator.staleFiles(generated: generated, committed: try texts(Generator.outputFolder, ".swift"))
        #expect(stale == [], "run: swift run GenerateMessages")
    }

    @Test func theSameSchemasGiveTheSameFiles() throws {
        let schemas = try texts(Generator.schemaFolder, ".schema")
        #expect(try Generator.generate(schemas) == Generator.generate(schemas))
    }

    @Test func staleFilesAreNamed() {
        let generated = ["RPC/A.swift": "a", "RPC/B.swift": "b", "RPC/New.swift": "n"]
        let committed = ["RPC/A.swift": "a", "RPC/B.swift": "old", "RPC/Gone.swift": "g"]
        #expect(
            Generator.staleFiles(generated: generated, committed: committed)
                == ["RPC/B.swift", "RPC/Gone.swift", "RPC/New.swift"]
        )
    }

    @Test func aFolderIsWrittenReadAndCleaned() throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let folder = Folder(path: path)
        #expect(try folder.readAll(suffix: ".swift") == [:])
        try folder.write("grüß\n", to: "RPC/A.swift")
        try folder.write("no", to: "RPC/A.txt")
        #expect(try folder.readAll(suffix: ".swift") == ["RPC/A.swift": "grüß\n"])
        try folder.remove("RPC/A.swift")
        #expect(try folder.readAll(suffix: ".swift") == [:])
        #expect(throws: FolderError.self) { try folder.remove("RPC/A.swift") }
    }
}

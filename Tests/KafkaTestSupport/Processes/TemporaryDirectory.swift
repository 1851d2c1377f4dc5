import Foundation

/// Runs `body` with the path of a new, empty directory that is removed afterwards.
package func withTemporaryDirectory<Result>(
    _ body: @Sendable (String) async throws -> Result
) async throws -> Result {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("swkafka-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try await body(path)
}

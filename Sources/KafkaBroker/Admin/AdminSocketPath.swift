import Glibc

/// Where the admin socket of a broker is: a file in its data directory.
struct AdminSocketPath {
    static let fileName = ".swkafka-admin.sock"
    /// What fits into the kernel's address with its final zero.
    private static let longestAddress = 107

    let path: String

    init(directory: String) { path = "\(directory)/\(Self.fileName)" }

    /// Calls `body` with a path that fits into a socket address. A longer one is reached through the descriptor of its
    /// directory.
    func withAddress<Result>(_ body: (String) async throws -> Result) async throws -> Result {
        guard path.utf8.count > Self.longestAddress else { return try await body(path) }
        let directory = path.dropLast(Self.fileName.utf8.count + 1)
        let descriptor = open(String(directory), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return try await body(path) }
        defer { close(descriptor) }
        return try await body("/proc/self/fd/\(descriptor)/\(Self.fileName)")
    }
}

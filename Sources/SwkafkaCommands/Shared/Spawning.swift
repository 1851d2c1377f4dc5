import Glibc

/// What starting another program takes, whoever starts it (posix_spawn(3)).
enum Spawning {
    /// Attributes with which a program gets the usual effect of the signals that this process ignores or catches.
    ///
    /// - Parameter flags: besides that of the signals.
    static func withAttributes<Result>(
        flags: Int16 = 0,
        _ body: (UnsafePointer<posix_spawnattr_t>) -> Result
    ) -> Result {
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        for number in [SIGPIPE, SIGINT, SIGTERM] { sigaddset(&signals, number) }
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF) | flags)
        return body(&attributes)
    }

    /// The words as a list that ends with a null pointer, for the time of the call.
    static func withPointers<Result>(
        _ words: [String],
        _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
    ) -> Result {
        let copies: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        defer { for copy in copies { free(copy) } }
        return body(copies)
    }
}

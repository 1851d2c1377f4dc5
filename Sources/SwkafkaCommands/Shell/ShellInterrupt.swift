import Glibc
import Synchronization

/// Ctrl-C while a line is typed: a byte in a pipe, that the editor waits for beside the keys.
enum ShellInterrupt {
    private static let writeEnd = Atomic<CInt>(-1)

    /// Takes over SIGINT; programs that the shell starts get its usual effect back.
    /// - Returns: the descriptor to wait for; -1 when there is none.
    static func install() -> CInt {
        guard let ends = ClosingPipe.make(isBlocking: false) else { return -1 }
        writeEnd.store(ends.write, ordering: .releasing)
        signal(SIGINT) { _ in
            let saved = errno
            var byte: UInt8 = 1
            _ = write(ShellInterrupt.writeEnd.load(ordering: .acquiring), &byte, 1)
            errno = saved
        }
        return ends.read
    }

    /// Forgets what came, such as while a program ran that the terminal told as well.
    static func drain(_ descriptor: CInt) {
        var bytes = [UInt8](repeating: 0, count: 64)
        while read(descriptor, &bytes, bytes.count) > 0 {}
    }
}

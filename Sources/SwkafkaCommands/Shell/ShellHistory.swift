import CReadline
import Glibc

/// The lines of earlier sessions, in `$XDG_STATE_HOME/swkafka/history`.
struct ShellHistory {
    private static let limit: CInt = 2000

    private let path: String?

    init(_ environment: [String: String]) {
        if let state = environment["XDG_STATE_HOME"], state.hasPrefix("/") {
            path = state + "/swkafka/history"
        } else if let home = environment["HOME"], home.hasPrefix("/") {
            path = home + "/.local/state/swkafka/history"
        } else {
            path = nil
        }
    }

    func load() {
        using_history()
        stifle_history(Self.limit)
        if let path { _ = read_history(path) }
    }

    /// For nobody else to read. A history that cannot be kept is no reason to complain.
    func save() {
        guard let path, let slash = path.lastIndex(of: "/") else { return }
        try? FileWriting.makeDirectory(String(path[..<slash]), purpose: "history")
        let before = umask(0o077)
        _ = write_history(path)
        umask(before)
    }
}

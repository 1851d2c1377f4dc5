/// Where a ZooKeeper ensemble is, as old scripts name it: `host:port,host:port/chroot`.
struct ZooKeeperAddress: Equatable, Sendable {
    struct Host: Equatable, Sendable {
        var name: String
        var port: UInt16

        var text: String { name.contains(":") ? "[\(name)]:\(port)" : "\(name):\(port)" }
    }

    var hosts: [Host]
    /// What stands before every path; empty or beginning with a slash.
    var chroot: String

    /// - Throws: when it is no such list. A port may be missing, as ZooKeeper's own clients allow.
    init(_ text: String) throws(CommandFailure) {
        let slash = text.firstIndex(of: "/") ?? text.endIndex
        var chroot = String(text[slash...])
        while chroot.hasSuffix("/") { chroot.removeLast() }
        self.chroot = chroot
        var hosts: [Host] = []
        for entry in text[..<slash].split(separator: ",", omittingEmptySubsequences: false) {
            guard let host = Self.host(KeyValueOptions.trimmed(entry)) else {
                throw CommandFailure(
                    "'\(text)' is no address of a ZooKeeper: give host:port, or host:port,host:port/chroot.",
                    status: .usage
                )
            }
            hosts.append(host)
        }
        self.hosts = hosts
    }

    private static let defaultPort: UInt16 = 2181

    private static func host(_ text: String) -> Host? {
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { return nil }
            let name = String(text[text.index(after: text.startIndex)..<end])
            let rest = text[text.index(after: end)...]
            if rest.isEmpty { return Host(name: name, port: defaultPort) }
            guard rest.hasPrefix(":"), let port = UInt16(rest.dropFirst()), port > 0 else { return nil }
            return Host(name: name, port: port)
        }
        let halves = text.split(separator: ":", omittingEmptySubsequences: false)
        guard let name = halves.first, !name.isEmpty, halves.count <= 2 else { return nil }
        guard halves.count == 2 else { return Host(name: String(name), port: defaultPort) }
        guard let port = UInt16(halves[1]), port > 0 else { return nil }
        return Host(name: String(name), port: port)
    }
}

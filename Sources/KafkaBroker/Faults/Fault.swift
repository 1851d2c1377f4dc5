import KafkaTransport

/// Something that is wrong on purpose.
package enum Fault: Equatable, Sendable, CustomStringConvertible {
    case cut(FaultSet.Cut)
    /// Everything that the node sends arrives so much later.
    case slow(Int32, ms: Int64)
    case diskFull(Int32)
    case fsyncError(Int32)

    package static let kinds = ["cut", "slow", "disk-full", "fsync-error"]

    /// As it is written.
    package var description: String {
        switch self {
        case .cut(let cut):
            "cut " + cut.groups.map { $0.map(Self.name).joined(separator: ",") }.joined(separator: "|")
                + (cut.isRefused ? " refused" : "")
        case .slow(let node, let ms): "slow \(Self.name(node)) \(ms)ms"
        case .diskFull(let node): "disk-full \(Self.name(node))"
        case .fsyncError(let node): "fsync-error \(Self.name(node))"
        }
    }

    package var nodes: [Int32] {
        switch self {
        case .cut(let cut): cut.groups.flatMap(\.self)
        case .slow(let node, _), .diskFull(let node), .fsyncError(let node): [node]
        }
    }

    private static func name(_ node: Int32) -> String {
        node == FaultSet.controllerID ? "controller" : "\(node)"
    }

    // MARK: Reading

    /// - Throws: when the words are no fault.
    package init(words: [String]) throws(FaultSyntaxError) {
        guard let kind = words.first else { throw FaultSyntaxError("a fault is missing") }
        switch (kind, words.count) {
        case ("cut", 2...): self = .cut(try Self.cut(words.dropFirst()))
        case ("slow", 3): self = .slow(try Self.node(words[1]), ms: try Self.delay(words[2]))
        case ("disk-full", 2): self = .diskFull(try Self.node(words[1]))
        case ("fsync-error", 2): self = .fsyncError(try Self.node(words[1]))
        case ("cut", _): throw FaultSyntaxError("cut needs groups of nodes, such as 1001|1002,1003")
        case ("slow", _): throw FaultSyntaxError("slow needs a node and a time, such as 1002 200ms")
        case ("disk-full", _), ("fsync-error", _): throw FaultSyntaxError("\(kind) needs one node, such as 1003")
        default:
            throw FaultSyntaxError("'\(kind)' is no fault: there are \(Self.kinds.joined(separator: ", "))")
        }
    }

    /// Groups of nodes with | or blanks between them, then how the cut shows.
    private static func cut(_ words: ArraySlice<String>) throws(FaultSyntaxError) -> FaultSet.Cut {
        var words = words
        let last = words.last
        if last == "refused" || last == "silent" { words.removeLast() }
        var groups: [[Int32]] = []
        for part in words.joined(separator: "|").split(separator: "|", omittingEmptySubsequences: false) {
            groups.append(try nodes(part))
        }
        guard groups.count > 1 else {
            throw FaultSyntaxError("a cut needs two groups of nodes, such as 1001|1002,1003")
        }
        let all = groups.flatMap(\.self)
        guard Set(all).count == all.count else { throw FaultSyntaxError("a cut cannot have a node on both sides") }
        return FaultSet.Cut(groups: groups, isRefused: last == "refused")
    }

    private static func nodes(_ text: some StringProtocol) throws(FaultSyntaxError) -> [Int32] {
        var nodes: [Int32] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            nodes.append(try node(String(part)))
        }
        return nodes
    }

    package static func node(_ text: String) throws(FaultSyntaxError) -> Int32 {
        if text == "controller" { return FaultSet.controllerID }
        guard let number = Int32(text), number >= 0 else {
            throw FaultSyntaxError("'\(text)' is no node: give its number, or controller")
        }
        return number
    }

    private static func delay(_ text: String) throws(FaultSyntaxError) -> Int64 {
        guard let span = BrokerTime.parseSpan(text), (0...FaultSet.longestDelayMs).contains(span) else {
            throw FaultSyntaxError("'\(text)' is no delay: give one such as 200ms or 1s, of at most a minute")
        }
        return span
    }
}

/// Why a text is no fault: a part of a sentence, without a full stop.
package struct FaultSyntaxError: Error, Equatable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}

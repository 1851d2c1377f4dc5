import KafkaBroker

/// Something that is done to a cluster on this machine, by a person's script or by chance.
enum ClusterAction: Equatable, Sendable, CustomStringConvertible {
    case kill(Int32)
    case stop(Int32)
    case start(Int32)
    case restart(Int32)
    case pause(Int32)
    case resume(Int32)
    case fault(Fault)
    /// The end of one fault.
    case end(Fault)
    /// The end of all faults, or of those that have to do with these nodes.
    case clear([Int32])

    /// As it is written.
    var description: String {
        switch self {
        case .kill(let node): "kill \(node)"
        case .stop(let node): "stop \(node)"
        case .start(let node): "start \(node)"
        case .restart(let node): "restart \(node)"
        case .pause(let node): "pause \(node)"
        case .resume(let node): "resume \(node)"
        case .fault(let fault): "\(fault)"
        case .end(let fault): "end \(fault)"
        case .clear(let nodes): (["clear"] + nodes.map { "\($0)" }).joined(separator: " ")
        }
    }

    /// The nodes that it names.
    var nodes: [Int32] {
        switch self {
        case .kill(let node), .stop(let node), .start(let node), .restart(let node), .pause(let node),
            .resume(let node):
            [node]
        case .fault(let fault), .end(let fault): fault.nodes
        case .clear(let nodes): nodes
        }
    }

    /// - Throws: when the words are no action. Several nodes are several actions.
    static func parse(_ words: [String]) throws(FaultSyntaxError) -> [ClusterAction] {
        guard let verb = words.first else { throw FaultSyntaxError("an action is missing") }
        if verb == "end" { return [.end(try Fault(words: Array(words.dropFirst())))] }
        if verb == "clear" { return [.clear(try nodes(words.dropFirst()))] }
        if Fault.kinds.contains(verb) { return [.fault(try Fault(words: words))] }
        guard let make = single(verb) else {
            throw FaultSyntaxError(
                "'\(verb)' is no action: there are kill, stop, start, restart, pause, resume, "
                    + "\(Fault.kinds.joined(separator: ", ")), end and clear"
            )
        }
        let named = try nodes(words.dropFirst())
        guard !named.isEmpty else { throw FaultSyntaxError("\(verb) needs a node, such as 1002") }
        return named.map(make)
    }

    private static func single(_ verb: String) -> ((Int32) -> ClusterAction)? {
        switch verb {
        case "kill": { .kill($0) }
        case "stop": { .stop($0) }
        case "start": { .start($0) }
        case "restart": { .restart($0) }
        case "pause": { .pause($0) }
        case "resume": { .resume($0) }
        default: nil
        }
    }

    private static func nodes(_ words: some Sequence<String>) throws(FaultSyntaxError) -> [Int32] {
        var nodes: [Int32] = []
        for word in words { nodes.append(try Fault.node(word)) }
        return nodes
    }
}

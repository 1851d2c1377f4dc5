/// What is wrong on purpose in a cluster on this machine, as `swkafka cluster fault` has it: a line for each fault, in a
/// file that all nodes of the cluster look at.
package struct FaultSet: Equatable, Sendable {
    /// Nodes between which nothing comes through.
    package struct Cut: Hashable, Sendable {
        /// Nodes of one group reach each other, and no node of another group.
        package var groups: [[Int32]]
        /// Connections are refused, instead of nothing being heard.
        package var isRefused: Bool

        package init(groups: [[Int32]], isRefused: Bool = false) {
            self.groups = groups.map { $0.sorted() }
            self.isRefused = isRefused
        }

        /// Whether it stands between two nodes.
        package func separates(_ one: Int32, _ other: Int32) -> Bool {
            guard let first = groups.firstIndex(where: { $0.contains(one) }),
                let second = groups.firstIndex(where: { $0.contains(other) })
            else { return false }
            return first != second
        }
    }

    /// The number of the controller, which may also be called by that name.
    package static let controllerID: Int32 = 1
    /// A fault that lasts longer than any connection would look like another one.
    package static let longestDelayMs: Int64 = 60_000

    package var cuts: [Cut] = []
    /// Milliseconds by which everything is late that a node sends.
    package var delays: [Int32: Int64] = [:]
    /// Nodes whose disks have no room.
    package var fullDisks: Set<Int32> = []
    /// Nodes whose disks fail to make anything durable.
    package var failingDisks: Set<Int32> = []

    package init() {}

    package var isEmpty: Bool { self == FaultSet() }

    /// All nodes that something is wrong with.
    package var nodes: Set<Int32> {
        fullDisks.union(failingDisks).union(delays.keys).union(cuts.flatMap { $0.groups.joined() })
    }

    /// Adds a fault. One of a kind that is there already for the same nodes is replaced.
    package mutating func add(_ fault: Fault) {
        switch fault {
        case .cut(let cut):
            cuts.removeAll { $0.groups == cut.groups }
            cuts.append(cut)
        case .slow(let node, let ms): delays[node] = ms > 0 ? ms : nil
        case .diskFull(let node): fullDisks.insert(node)
        case .fsyncError(let node): failingDisks.insert(node)
        }
    }

    /// Ends a fault, if it is there.
    package mutating func remove(_ fault: Fault) {
        switch fault {
        case .cut(let cut): cuts.removeAll { $0.groups == cut.groups }
        case .slow(let node, _): delays[node] = nil
        case .diskFull(let node): fullDisks.remove(node)
        case .fsyncError(let node): failingDisks.remove(node)
        }
    }

    /// What is there, in a fixed order.
    package var faults: [Fault] {
        cuts.map { .cut($0) } + delays.sorted { $0.key < $1.key }.map { .slow($0.key, ms: $0.value) }
            + fullDisks.sorted().map { .diskFull($0) } + failingDisks.sorted().map { .fsyncError($0) }
    }

    /// The cut between two nodes, if there is one: one that refuses says more than one that is silent.
    package func cut(between one: Int32, and other: Int32) -> Cut? {
        let found = cuts.filter { $0.separates(one, other) }
        return found.first(where: \.isRefused) ?? found.first
    }

    // MARK: Text

    package var text: String { faults.map { "\($0)\n" }.joined() }

    /// - Throws: when a line is no fault.
    package init(text: String) throws(FaultSyntaxError) {
        for line in text.split(separator: "\n") where !line.allSatisfy({ $0 == " " }) {
            add(try Fault(words: line.split(separator: " ").map(String.init)))
        }
    }
}

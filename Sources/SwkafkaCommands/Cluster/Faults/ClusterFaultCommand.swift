import ArgumentParser
import KafkaBroker

/// `swkafka cluster fault`: makes the network and the disks of a cluster on this machine fail.
struct ClusterFaultCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "fault",
        abstract: "Cut nodes off, slow them down, let their disks fail; list and end such faults.",
        discussion: """
            The faults are in the nodes' own processes, in what they do with connections and files: the machine's network \
            and disks are left alone, and clients reach every broker as before. Faults hold until they are cleared, also for \
            nodes that are started later. Nodes are numbers; controller is node 1. Without more words the faults that hold \
            are listed.

            FAULTS
              cut A,B|C [refused]   nothing comes through between the groups (quote the | or use a blank): what is sent is \
            heard of when the cut ends, if the connection lives that long. With refused, connections end and new ones are \
            refused.
              slow N TIME           whatever node N sends, to nodes and to clients, arrives that much later
              disk-full N           there is no room on the disk of node N: what it has can be read
              fsync-error N         the disk of node N fails when something is to be made durable; the node then ends, as a \
            broker does whose last directory failed
              clear [N …]           everything is well again, or what has to do with these nodes

            JSON
              fault: a list of faults, each in the words that make it.

            EXAMPLES
              swkafka cluster fault cut '1001|1002,1003'
              swkafka cluster fault cut controller 1002 refused
              swkafka cluster fault slow 1002 200ms
              swkafka cluster fault
              swkafka cluster fault clear
            """
    )

    @OptionGroup var home: ClusterHomeOptions
    @OptionGroup(title: "Output") var output: OutputOptions
    @Argument(help: ArgumentHelp("cut, slow, disk-full, fsync-error or clear, and what that needs.", valueName: "word"))
    var words: [String] = []

    private enum Action {
        case list
        case add(Fault)
        case clear([Int32])
    }

    func validate() throws {
        _ = try action()
    }

    private func action() throws -> Action {
        do throws(FaultSyntaxError) {
            switch words.first {
            case nil, "list"?: return .list
            case "clear"?:
                var nodes: [Int32] = []
                for word in words.dropFirst() { nodes.append(try Fault.node(word)) }
                return .clear(nodes)
            default: return .add(try Fault(words: words))
            }
        } catch {
            throw ValidationError("\(error).")
        }
    }

    func execute(_ context: CommandContext) async throws -> ExitStatus {
        let home = try home.home(context)
        let plan = try home.plan()
        let faults = ClusterFaults(home: home)
        switch try action() {
        case .list:
            let found = try faults.read()
            let text = found.isEmpty ? "No faults.\n" : found.text
            try context.print(output.format, text: { text }, table: { _ in text }, value: { found.value })
        case .add(let fault):
            for node in fault.nodes { _ = try home.folder(node, in: plan) }
            try await faults.change { $0.add(fault) }
            context.complain("Now: \(fault).\n")
        case .clear(let nodes):
            for node in nodes { _ = try home.folder(node, in: plan) }
            if nodes.isEmpty {
                try await faults.clear()
            } else {
                try await faults.change { $0.remove(touching: nodes) }
            }
            context.complain(nodes.isEmpty ? "No faults any more.\n" : "Cleared.\n")
        }
        return .success
    }
}

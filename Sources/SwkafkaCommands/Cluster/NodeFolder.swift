import Glibc

/// The folder of one node of a cluster on this machine: its settings, data, log, and which process it is.
///
/// A process is only ever taken for the node's when number, time of start and command line are the recorded ones: a
/// number that was given to somebody else in the meantime is left alone.
struct NodeFolder {
    let id: Int32
    let path: String

    /// What a folder says of its node's process.
    enum State: Equatable {
        case running(pid: Int32)
        /// By SIGSTOP.
        case paused(pid: Int32)
        /// Ended on demand, or never started.
        case stopped
        /// Ended though nobody had asked for it.
        case crashed
    }

    private struct Record: Equatable {
        var pid: Int32
        var startTicks: UInt64
        /// The node is meant to run.
        var isWanted: Bool
    }

    var propertiesPath: String { path + "/server.properties" }
    var dataPath: String { path + "/data" }
    var logPath: String { path + "/server.log" }
    var readyPath: String { path + "/ready" }
    private var recordPath: String { path + "/process.json" }

    // MARK: The process

    var state: State {
        guard let record = readRecord() else { return .stopped }
        // For a moment after its start a process has no command line.
        guard let facts = ProcessFacts(record.pid), facts.startTicks == record.startTicks,
            facts.commandLine.isEmpty || facts.commandLine.contains(propertiesPath)
        else { return record.isWanted ? .crashed : .stopped }
        return facts.state == .stopped ? .paused(pid: record.pid) : .running(pid: record.pid)
    }

    /// The process, if it lives.
    var pid: Int32? {
        switch state {
        case .running(let pid), .paused(let pid): pid
        case .stopped, .crashed: nil
        }
    }

    /// The node is meant to run.
    var isWanted: Bool { readRecord()?.isWanted ?? false }

    func started(_ pid: Int32) throws(CommandFailure) {
        guard let facts = ProcessFacts(pid) else { return }
        try write(Record(pid: pid, startTicks: facts.startTicks, isWanted: true))
    }

    /// The node's end is what somebody wants.
    func noteUnwanted() throws(CommandFailure) {
        guard var record = readRecord() else { return }
        record.isWanted = false
        try write(record)
    }

    /// Sends a signal to the node's process; false when there is none.
    func send(_ signal: Int32) -> Bool {
        guard let pid else { return false }
        return kill(pid, signal) == 0
    }

    /// Where the node said that it is ready, as host:port; nil before.
    var readyAddress: String? {
        guard let bytes = try? FileReading.bytes(of: readyPath, purpose: "address of node \(id)") else { return nil }
        let text = KeyValueOptions.trimmed(String(decoding: bytes, as: UTF8.self))
        return text.isEmpty ? nil : text
    }

    private func readRecord() -> Record? {
        guard let bytes = try? FileReading.bytes(of: recordPath, purpose: "process of node \(id)"),
            case .object(let members)? = try? JSONParser.parse(bytes), case .number(let pid)? = members["pid"],
            let pid = Int32(pid), case .number(let start)? = members["start_ticks"], let start = UInt64(start),
            case .bool(let isWanted)? = members["wanted"]
        else { return nil }
        return Record(pid: pid, startTicks: start, isWanted: isWanted)
    }

    private func write(_ record: Record) throws(CommandFailure) {
        let text = JSONText.pretty(
            .members([
                "pid": .number(record.pid), "start_ticks": .int(Int64(clamping: record.startTicks)),
                "wanted": .bool(record.isWanted),
            ])
        )
        try FileWriting.replace(recordPath, with: text, purpose: "process of node \(id)")
    }
}

import Glibc
import KafkaBroker

/// The file by which the nodes of a cluster on this machine know what is to be wrong with them.
struct ClusterFaults {
    let home: ClusterHome

    private static let purpose = "file of faults"

    /// How long the nodes may take to see a change.
    static let delay = Duration.milliseconds(2 * FaultBoard.intervalMs)

    func read() throws(CommandFailure) -> FaultSet {
        guard access(home.faultsPath, F_OK) == 0 else { return FaultSet() }
        let bytes = try FileReading.bytes(of: home.faultsPath, purpose: Self.purpose)
        do throws(FaultSyntaxError) {
            return try FaultSet(text: String(decoding: bytes, as: UTF8.self))
        } catch {
            throw CommandFailure(
                "\(home.faultsPath) is no file of faults: \(error).",
                hint: "Begin anew with 'swkafka cluster fault clear --data-dir \(home.path)'."
            )
        }
    }

    /// Changes what is wrong, and waits until the nodes know.
    @discardableResult
    func change(_ change: (inout FaultSet) -> Void) async throws -> FaultSet {
        let faults = try exchange(change)
        try await Task.sleep(for: Self.delay)
        return faults
    }

    private func exchange(_ change: (inout FaultSet) -> Void) throws(CommandFailure) -> FaultSet {
        // Not the cluster's own lock: a start that waits for a broker that is cut off must not keep the cut from ending.
        let lock = try ClusterLock(home.faultsPath + ".lock")
        defer { withExtendedLifetime(lock) {} }
        var faults = try read()
        change(&faults)
        try write(faults)
        return faults
    }

    /// Ends all faults, whatever the file says.
    func clear() async throws {
        try write(FaultSet())
        try await Task.sleep(for: Self.delay)
    }

    private func write(_ faults: FaultSet) throws(CommandFailure) {
        try FileWriting.replace(home.faultsPath, with: faults.text, purpose: Self.purpose)
    }
}

extension FaultSet {
    /// Ends the faults that have to do with one of these nodes.
    mutating func remove(touching nodes: [Int32]) {
        let kept = faults.filter { fault in !fault.nodes.contains { nodes.contains($0) } }
        self = FaultSet()
        for fault in kept { add(fault) }
    }

    var value: DataValue { .strings(faults.map(\.description)) }
}

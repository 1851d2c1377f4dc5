import Glibc
import KafkaWire

/// The directory of a cluster on this machine: its plan and the folders of its nodes.
struct ClusterHome {
    let path: String

    /// The variable that names the directory where no option does; `swkafka cluster env` sets it.
    static let variable = "SWKAFKA_CLUSTER_DIR"

    init(_ wanted: String?, _ environment: [String: String]) throws(CommandFailure) {
        let named = environment[Self.variable].flatMap { $0.isEmpty ? nil : $0 }
        guard let path = wanted ?? named ?? DefaultDataDirectory.path(environment).map({ $0 + "-cluster" }) else {
            throw CommandFailure("No place for the cluster's data is known.", hint: "Give one with --data-dir.")
        }
        // Processes are recognised by this path on their command lines, wherever a later command is called from.
        if path.hasPrefix("/") {
            self.path = Self.withoutSlashes(path)
        } else {
            guard let current = getcwd(nil, 0) else {
                throw CommandFailure("Cannot find out the current directory: \(systemMessage(errno)).")
            }
            defer { free(current) }
            self.path = Self.withoutSlashes(String(cString: current) + "/" + path)
        }
    }

    private static func withoutSlashes(_ path: String) -> String {
        "/" + path.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
    }

    private var planPath: String { path + "/" + ClusterPlan.fileName }

    /// What is to be wrong with the nodes.
    var faultsPath: String { path + "/faults" }

    func folder(_ id: Int32) -> NodeFolder { NodeFolder(id: id, path: "\(path)/\(id)") }

    /// The cluster's plan; nil when there is no cluster here yet.
    func findPlan() throws(CommandFailure) -> ClusterPlan? {
        guard access(planPath, F_OK) == 0 else { return nil }
        let bytes = try FileReading.bytes(of: planPath, purpose: "cluster's plan")
        guard let plan = ClusterPlan(json: bytes) else {
            throw CommandFailure(
                "\(planPath) is no plan of a cluster.",
                hint: "Restore it, or give another directory with --data-dir."
            )
        }
        return plan
    }

    func plan() throws(CommandFailure) -> ClusterPlan {
        guard let plan = try findPlan() else {
            throw CommandFailure(
                "There is no cluster in \(path).",
                hint: "Make one with 'swkafka cluster start', or say with --data-dir where it is."
            )
        }
        return plan
    }

    func save(_ plan: ClusterPlan) throws(CommandFailure) {
        try FileWriting.makeDirectory(path, purpose: "directory of the cluster")
        try FileWriting.replace(planPath, with: plan.json, purpose: "cluster's plan")
    }

    /// The folder of a node of the plan.
    func folder(_ id: Int32, in plan: ClusterPlan) throws(CommandFailure) -> NodeFolder {
        guard plan.node(id) != nil else {
            let known = plan.nodes.map { String($0.id) }.joined(separator: ", ")
            throw CommandFailure("The cluster in \(path) has no node \(id); it has \(known).", status: .usage)
        }
        return folder(id)
    }

    /// One command at a time changes the cluster; the lock ends with the descriptor.
    func lock() throws(CommandFailure) -> ClusterLock {
        try FileWriting.makeDirectory(path, purpose: "directory of the cluster")
        return try ClusterLock(path + "/.lock")
    }
}

/// Held while a command changes which processes of a cluster run.
final class ClusterLock {
    private let descriptor: Int32

    init(_ path: String) throws(CommandFailure) {
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw CommandFailure("Cannot open \(path): \(systemMessage(errno)).") }
        while flock(descriptor, LOCK_EX) != 0 {
            guard errno == EINTR else {
                let reason = systemMessage(errno)
                close(descriptor)
                throw CommandFailure("Cannot lock \(path): \(reason).")
            }
        }
    }

    deinit { close(descriptor) }
}

import Glibc
import KafkaStorage
import KafkaWire

/// Opens many partitions that hold a few batches each, after a clean stop, and tells what they cost while idle.
struct PartitionsBenchmark {
    let folder: String
    let count: Int

    func run() throws {
        let path = "\(folder)/partitions"
        let batch = try AppendBenchmark.batch()
        var directory = try LogDirectory.open(path: path, nodeID: 1, clusterID: "bench")
        for number in 0..<count {
            let partition = TopicPartition(topic: "t", partition: Int32(number))
            let log = try directory.openLog(partition, topicID: .random(), config: LogConfig(), nowMs: 0)
            for _ in 0..<4 { _ = try log.append(batch, leaderEpoch: 0, origin: .client, nowMs: 0) }
            log.releaseIdleResources()
        }
        guard directory.close().isEmpty else { throw Failure(description: "\(path) cannot be closed") }
        let before = Self.residentBytes
        directory = try LogDirectory.open(path: path, nodeID: 1, clusterID: "bench")
        let time = try seconds {
            let failures = try directory.openAll(config: { _ in LogConfig() }, nowMs: 0)
            guard failures.isEmpty else { throw Failure(description: "\(failures[0])") }
        }
        let each = (Self.residentBytes - before) / count
        say(
            "partitions: \(count) opened in \(fixed(time.wall, 2)) s (\(fixed(time.processor, 2)) s of the processor), \(each) bytes of memory for each log"
        )
        directory.releaseLock()
        try PosixFileSystem().removeTree(path)
    }

    /// What the process has in memory.
    private static var residentBytes: Int {
        let descriptor = open("/proc/self/statm", O_RDONLY)
        guard descriptor >= 0 else { return 0 }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 256)
        let count = read(descriptor, &bytes, bytes.count)
        let fields = String(decoding: bytes.prefix(max(0, count)), as: UTF8.self).split(separator: " ")
        guard fields.count > 1, let pages = Int(fields[1]) else { return 0 }
        return pages * Int(sysconf(CInt(_SC_PAGESIZE)))
    }
}

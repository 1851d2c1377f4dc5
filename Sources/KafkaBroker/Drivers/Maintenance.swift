import KafkaCoordination
import KafkaStorage
import Logging
import Synchronization

/// The broker's regular work on its logs: flushing, retention, checkpoints, forgetting idle producers, closing idle files.
///
/// One task does it all, so that jobs never meet each other; it sleeps until the next job is due.
final class Maintenance: Sendable {
    private struct Job {
        let intervalMs: Int64
        var dueMs: Int64
        let run: (Int64) -> Void
    }

    /// A year is as good as for ever and can be added to any time.
    private static let longestIntervalMs: Int64 = 365 * 86_400_000

    private struct Settling {
        var isOver = false
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let core: BrokerCore
    private let alarm = Alarm()
    private let settling = Mutex(Settling())
    private let lastHighWatermarks = Mutex<[TopicPartition: Int64]>([:])

    init(core: BrokerCore) { self.core = core }

    /// Works until `stop`. Must run where blocking is allowed.
    func run() async {
        var jobs = makeJobs(nowMs: core.clock.nowMs)
        var isRunning = true
        while isRunning {
            let settled = settling.withLock { settling in
                defer { settling.waiters = [] }
                return settling.waiters
            }
            let nowMs = core.clock.nowMs
            for index in jobs.indices where jobs[index].dueMs <= nowMs {
                jobs[index].run(nowMs)
                jobs[index].dueMs = nowMs + jobs[index].intervalMs
            }
            for waiter in settled { waiter.resume() }
            let next = jobs.map(\.dueMs).min() ?? .max
            let call = core.clock.schedule(afterMs: next - core.clock.nowMs) { [alarm] in alarm.ring() }
            isRunning = await alarm.sleep()
            call.cancel()
        }
        let left = settling.withLock { settling in
            settling.isOver = true
            return settling.waiters
        }
        for waiter in left { waiter.resume() }
    }

    /// Returns when everything that is due now is done, or when no more will be done.
    func settle() async {
        await withCheckedContinuation { continuation in
            let isOver = settling.withLock { settling in
                if !settling.isOver { settling.waiters.append(continuation) }
                return settling.isOver
            }
            if isOver { continuation.resume() }
            alarm.ring()
        }
    }

    func stop() { alarm.expire() }

    private func makeJobs(nowMs: Int64) -> [Job] {
        let job = { (name: String, fallback: Int, run: @escaping (Int64) -> Void) in
            let interval = min(Int64(self.core.brokerInteger(name, fallback)), Self.longestIntervalMs)
            return Job(intervalMs: max(1, interval), dueMs: nowMs + interval, run: run)
        }
        return [
            Job(intervalMs: Self.longestIntervalMs, dueMs: nowMs) { _ in self.secureRecovered() },
            Job(intervalMs: 1000, dueMs: nowMs + 1000, run: upkeep),
            job("log.retention.check.interval.ms", 300_000, applyRetention),
            job("replica.high.watermark.checkpoint.interval.ms", 5000) { _ in self.checkpointHighWatermarks() },
            job("log.flush.offset.checkpoint.interval.ms", 60_000) { _ in self.checkpointRecoveryPoints() },
            Job(intervalMs: 60_000, dueMs: nowMs + 60_000) { _ in
                for partition in self.core.partitions.all { partition.releaseIfIdle() }
            },
            job("producer.id.expiration.check.interval.ms", 600_000) { nowMs in
                for partition in self.core.partitions.all { partition.removeExpiredProducers(nowMs: nowMs) }
            },
        ]
    }

    /// What a start has recovered becomes durable, once: were it not noted, a broker that is killed again and again would
    /// read its whole log each time.
    private func secureRecovered() {
        let recovered = core.partitions.all.filter { $0.log.recoveryPoint < $0.log.logEndOffset }
        guard !recovered.isEmpty else { return }
        for partition in recovered {
            report("flush", partition.topicPartition) { () throws(StorageError) in
                try partition.log.flush(upTo: partition.log.logEndOffset)
            }
        }
        checkpointRecoveryPoints()
    }

    /// Closed segments become durable, so that recovery after a crash need not read them; then `flush.ms` and the
    /// files of deleted partitions and segments.
    private func upkeep(nowMs: Int64) {
        core.metadata.retry()
        for partition in core.partitions.all {
            // Tries again what failed, if nobody appends.
            partition.synchronizeIfBehind()
            guard let offset = partition.takeRolledOffset() else { continue }
            report("flush", partition.topicPartition) { () throws(StorageError) in
                try partition.log.flush(upTo: offset)
            }
        }
        for error in core.partitions.directories.upkeep(nowMs: nowMs) {
            core.logger.error("Upkeep failed", metadata: ["error": "\(error)"])
        }
    }

    private func applyRetention(nowMs: Int64) {
        for partition in core.partitions.all {
            report("retention", partition.topicPartition) { () throws(StorageError) in
                let deleted = try partition.log.applyRetention(nowMs: nowMs, highWatermark: partition.highWatermark)
                guard !deleted.isEmpty else { return }
                core.logger.info(
                    "Segments deleted",
                    metadata: ["partition": "\(partition.topicPartition)", "segments": "\(deleted.count)"]
                )
            }
        }
    }

    private func checkpointHighWatermarks() {
        let current = core.partitions.highWatermarks
        guard lastHighWatermarks.withLock({ $0 != current }) else { return }
        report("checkpoint", nil) { () throws(StorageError) in
            try core.partitions.directories.writeHighWatermarks(current)
            lastHighWatermarks.withLock { $0 = current }
        }
    }

    private func checkpointRecoveryPoints() {
        report("checkpoint", nil) { () throws(StorageError) in
            try core.partitions.directories.writeRecoveryPoints()
        }
    }

    private func report(_ work: String, _ partition: TopicPartition?, _ body: () throws(StorageError) -> Void) {
        do {
            try body()
        } catch {
            core.logger.error(
                "Maintenance failed",
                metadata: [
                    "work": "\(work)", "partition": "\(partition.map(String.init(describing:)) ?? "")",
                    "error": "\(error)",
                ]
            )
        }
    }
}

import KafkaCoordination
import KafkaStorage
import KafkaTransport
import Logging
import Synchronization

/// Compacts the broker's logs in the background, the dirtiest first.
///
/// Its threads are its own (`log.cleaner.threads`), so that requests never wait for one. A log that cannot be cleaned is
/// reported once for each reason and left alone for a while; the others are cleaned all the same.
final class LogCleaner: Sendable {
    private struct Failure {
        /// The log that failed, not another one that has its name by now.
        let log: ObjectIdentifier
        let reason: String
        let retryMs: Int64
    }

    private struct State {
        var inProgress: Set<TopicPartition> = []
        var failures: [TopicPartition: Failure] = [:]
    }

    private struct Candidate {
        let partition: Partition
        let range: CleanableRange
    }

    /// A full disk is looked at again soon, anything else takes somebody's hand.
    private static let fullDiskRetryMs: Int64 = 60_000
    private static let failureRetryMs: Int64 = 600_000

    private let core: BrokerCore
    private let settings: CleanerSettings
    private let backoffMs: Int64
    private let throttle: CleanerThrottle
    private let isEnabled: Bool
    /// One for each thread.
    private let alarms: [Alarm]
    private let isStopped = Atomic(false)
    private let state = Mutex(State())

    init(core: BrokerCore) {
        self.core = core
        let threads = max(1, core.brokerInteger("log.cleaner.threads", 1))
        var settings = CleanerSettings()
        settings.dedupeBufferBytes = core.brokerInteger("log.cleaner.dedupe.buffer.size", 128 << 20) / threads
        settings.ioBufferBytes = max(1024, core.brokerInteger("log.cleaner.io.buffer.size", 512 << 10) / threads / 2)
        settings.loadFactor = core.brokerNumber("log.cleaner.io.buffer.load.factor", 0.9)
        self.settings = settings
        backoffMs = max(1, Int64(core.brokerInteger("log.cleaner.backoff.ms", 15_000)))
        throttle = CleanerThrottle(bytesPerSecond: core.brokerNumber("log.cleaner.io.max.bytes.per.second", .infinity))
        isEnabled = core.brokerFlag("log.cleaner.enable")
        alarms = (0..<threads).map { _ in Alarm() }
    }

    /// Works until `stop`.
    func run() async {
        guard isEnabled else { return }
        let executor = StorageExecutor(size: alarms.count)
        await withTaskGroup(of: Void.self) { group in
            for alarm in alarms {
                group.addTask(executorPreference: executor) { await self.work(alarm) }
            }
        }
        executor.shutdown()
    }

    /// A cleaning that is under way ends before its next block.
    func stop() {
        isStopped.store(true, ordering: .releasing)
        for alarm in alarms { alarm.expire() }
    }

    private func work(_ alarm: Alarm) async {
        var isRunning = true
        while isRunning && !isStopped.load(ordering: .acquiring) {
            if let candidate = takeDirtiest() {
                clean(candidate)
                continue
            }
            let call = core.clock.schedule(afterMs: backoffMs) { alarm.ring() }
            isRunning = await alarm.sleep()
            call.cancel()
        }
    }

    // MARK: Choosing

    private func takeDirtiest() -> Candidate? {
        let nowMs = core.clock.nowMs
        var best: Candidate?
        for partition in core.partitions.all where partition.log.config.isCompacted {
            guard mayClean(partition, nowMs: nowMs), let range = range(of: partition, nowMs: nowMs) else { continue }
            if range.isDue(partition.log.config), range.dirtyRatio > best?.range.dirtyRatio ?? -1 {
                best = Candidate(partition: partition, range: range)
            }
        }
        guard let best else { return nil }
        // Another thread may have been quicker.
        let isMine = state.withLock { $0.inProgress.insert(best.partition.topicPartition).inserted }
        return isMine ? best : nil
    }

    private func mayClean(_ partition: Partition, nowMs: Int64) -> Bool {
        state.withLock { state in
            if state.inProgress.contains(partition.topicPartition) { return false }
            guard let failure = state.failures[partition.topicPartition] else { return true }
            return nowMs >= failure.retryMs || failure.log != ObjectIdentifier(partition.log)
        }
    }

    private func range(of partition: Partition, nowMs: Int64) -> CleanableRange? {
        do throws(StorageError) {
            return try partition.log.cleanableRange(
                cleanedOffset: core.partitions.directories.cleanedOffset(of: partition.topicPartition),
                stableOffset: partition.lastStableOffset(highWatermark: partition.highWatermark),
                nowMs: nowMs
            )
        } catch {
            note(error, partition)
            return nil
        }
    }

    // MARK: Cleaning

    private func clean(_ candidate: Candidate) {
        let partition = candidate.partition
        defer { state.withLock { _ = $0.inProgress.remove(partition.topicPartition) } }
        do throws(CleaningError) {
            let report = try partition.log.clean(
                candidate.range,
                settings: settings,
                nowMs: core.clock.nowMs
            ) { bytes in
                throttle.wait(for: bytes) { isStopped.load(ordering: .acquiring) }
                return !isStopped.load(ordering: .acquiring) && partition.log.config.isCompacted
            }
            state.withLock { $0.failures[partition.topicPartition] = nil }
            noteCleaned(partition, report)
            if report.endOffset <= candidate.range.start { postpone(partition, reason: "", byMs: backoffMs) }
        } catch {
            switch error {
            // Whatever was in the way is over soon; not at once, or this would be a busy loop.
            case .interrupted: postpone(partition, reason: "", byMs: backoffMs)
            case .storage(let failure): note(failure, partition)
            }
        }
    }

    private func noteCleaned(_ partition: Partition, _ report: CleaningReport) {
        core.logger.debug(
            "Log cleaned",
            metadata: [
                "partition": "\(partition.topicPartition)", "offset": "\(report.endOffset)",
                "bytesBefore": "\(report.readBytes)", "bytesAfter": "\(report.keptBytes)",
                "segmentsBefore": "\(report.segmentsBefore)", "segmentsAfter": "\(report.segmentsAfter)",
            ]
        )
        do throws(StorageError) {
            try core.partitions.directories.noteCleaned(partition.log, upTo: report.endOffset)
        } catch {
            note(error, partition)
        }
    }

    private func note(_ error: StorageError, _ partition: Partition) {
        let reason = error.description
        let isNews = state.withLock { $0.failures[partition.topicPartition]?.reason != reason }
        postpone(partition, reason: reason, byMs: error.isOutOfSpace ? Self.fullDiskRetryMs : Self.failureRetryMs)
        guard isNews else { return }
        core.logger.error(
            "Log cannot be cleaned",
            metadata: ["partition": "\(partition.topicPartition)", "error": "\(reason)"]
        )
    }

    private func postpone(_ partition: Partition, reason: String, byMs delayMs: Int64) {
        let failure = Failure(
            log: ObjectIdentifier(partition.log),
            reason: reason,
            retryMs: core.clock.nowMs + min(delayMs, 365 * 86_400_000)
        )
        state.withLock { $0.failures[partition.topicPartition] = failure }
    }
}

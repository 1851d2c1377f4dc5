import KafkaClient
import KafkaMessages
import KafkaWire

/// Carries out `replica-verification`: asks all brokers at once, round by round, and lets their answers be compared.
struct ReplicaVerificationRunner {
    var command: ReplicaVerificationCommand
    var context: CommandContext

    /// How long to rest after a round that has brought nothing although there is more: a broker that is down answers at
    /// once that it does not.
    private static let rest: Duration = .milliseconds(200)
    /// How often to look whether partitions have moved or are gone, once a replica says that it does not know one.
    private static let lookAgainMs: Int64 = 5000

    func run() async throws -> ExitStatus {
        let pattern = try TopicPattern(filter: command.pattern)
        let output = try ReplicaVerificationOutput()
        context.interruptions.start(watching: context.outputDescriptor)
        let session = try ClientSession(command.connection, clientID: "replica-verification")
        do {
            return try await session.run(context, configure: { _ in }) { cluster, _ in
                let interruptions = context.interruptions
                // Ends with this scope, which cancels the wait.
                async let _: Void = {
                    guard await interruptions.wait() != nil else { return }
                    await cluster.close()
                }()
                return try await verify(KafkaAdmin(cluster: cluster), pattern, output)
            }
        } catch let error as KafkaClientError where context.interruptions.first != nil && error.code == .closed {
            return context.interruptions.first?.status ?? .failure
        }
    }

    /// What is known of the topics, and where comparing stands.
    private struct Work {
        var comparison = ReplicaComparison()
        var ids: [String: KafkaUUID] = [:]
        /// Where partitions ended at the start; only with `--exit-at-end`.
        var ends: [TopicPartition: Int64] = [:]
        var status = ExitStatus.success
        /// Batches that are not the same everywhere, and the last of them.
        var differences = 0
        var lastDifference: (partition: TopicPartition, offset: Int64)?
        /// What was complained about already and has not become better since.
        var told: Set<String> = []
        var lookedMs: Int64

        /// With more than two replicas a batch may have several findings, one after the other.
        mutating func count(_ finding: ReplicaComparison.Finding) {
            guard case .checksums(let partition, let offset, _, _) = finding else { return }
            if let last = lastDifference, last == (partition, offset) { return }
            lastDifference = (partition, offset)
            differences += 1
        }

        /// Whether everything that was there at the start has been compared.
        var isAtEnd: Bool {
            ends.allSatisfy { partition, end in comparison.offset(of: partition) ?? end >= end }
        }
    }

    private func verify(
        _ admin: KafkaAdmin,
        _ pattern: TopicPattern,
        _ output: ReplicaVerificationOutput
    ) async throws -> ExitStatus {
        var work = try await begin(admin, pattern)
        try say(output.start(nowMs: context.nowMs()))
        var reportedMs = context.nowMs()
        while context.interruptions.first == nil {
            if command.exitAtEnd, work.isAtEnd {
                context.complain(ReplicaVerificationOutput.verdict(work.differences, of: work.comparison.count))
                return work.status
            }
            let pages = await round(admin, &work)
            guard context.interruptions.first == nil else { break }
            let outcome = work.comparison.compare(pages)
            let nowMs = context.nowMs()
            for finding in outcome.findings {
                work.status = .failure
                work.count(finding)
                if let line = output.text(finding, nowMs: nowMs) { try say(line) }
                if let talk = ReplicaVerificationOutput.talk(finding) { context.complain(talk) }
                if finding.isFinal { return .failure }
            }
            if nowMs - reportedMs >= command.reportIntervalMs {
                try say(output.lag(outcome.lag, partitions: work.comparison.count, nowMs: nowMs))
                reportedMs = nowMs
            }
            if !outcome.outOfRange.isEmpty { try await find(outcome.outOfRange, admin, &work) }
            try await lookAgain(pages, admin, &work, nowMs: nowMs)
            guard work.comparison.count > 0 else {
                throw CommandFailure("All topics that were compared have been deleted.")
            }
            if !outcome.hasProgressed, outcome.lag.map({ $0.records > 0 }) ?? true {
                try? await Task.sleep(for: Self.rest)
            }
        }
        return context.interruptions.first?.status ?? work.status
    }

    private func say(_ line: String) throws(OutputError) {
        try context.output.write(line)
        try context.output.flush()
    }

    // MARK: What to compare

    private func begin(_ admin: KafkaAdmin, _ pattern: TopicPattern) async throws -> Work {
        let names = try await admin.listTopics().map(\.name).filter(pattern.matches)
        guard !names.isEmpty else {
            throw CommandFailure(
                "No topics found.",
                hint: "There are none, or --topics-include ('\(command.pattern)') leaves out all of them."
            )
        }
        var work = Work(lookedMs: context.nowMs())
        var replicas: [TopicPartition: [Int32]] = [:]
        for (name, result) in try await admin.describeTopics(names) {
            let topic = try result.get()
            work.ids[name] = topic.id
            for partition in topic.partitions {
                replicas[TopicPartition(topic: name, partition: partition.metadata.index)] = partition.metadata.replicas
            }
        }
        let partitions = replicas.keys.sorted()
        let starts = try await offsets(of: partitions, spec, admin)
        for partition in partitions {
            work.comparison.add(partition, replicas: replicas[partition] ?? [], from: starts[partition] ?? 0)
        }
        if command.exitAtEnd { work.ends = try await offsets(of: partitions, .latest, admin) }
        return work
    }

    private var spec: OffsetSpec {
        switch command.time {
        case -1: .latest
        case -2: .earliest
        default: .timestamp(command.time)
        }
    }

    /// A time after the last record stands for the end.
    private func offsets(
        of partitions: [TopicPartition],
        _ spec: OffsetSpec,
        _ admin: KafkaAdmin
    ) async throws -> [TopicPartition: Int64] {
        let specs = Dictionary(partitions.map { ($0, spec) }) { first, _ in first }
        let found = try await admin.listOffsets(specs).mapValues { try $0.get().offset }
        let missing = found.filter { $0.value == nil }.map(\.key)
        let offsets = found.compactMapValues { $0 }
        guard !missing.isEmpty, spec != .latest else { return offsets }
        return offsets.merging(try await self.offsets(of: missing, .latest, admin)) { first, _ in first }
    }

    // MARK: Asking

    /// Asks every broker for all of its copies, at the same time.
    private func round(_ admin: KafkaAdmin, _ work: inout Work) async -> [TopicPartition: [Int32: ReplicaPage]] {
        let requests = work.comparison.brokers.map { broker in
            (broker, work.comparison.wanted(of: broker).map { target($0, work) })
        }
        let maxWait = Duration.milliseconds(command.maxWaitMs)
        typealias Answer = (broker: Int32, result: Result<[TopicPartition: ReplicaPage], KafkaClientError>)
        let answers = await withTaskGroup(of: Answer.self) { tasks in
            for (broker, targets) in requests {
                tasks.addTask {
                    do throws(KafkaClientError) {
                        return (broker, .success(try await admin.readReplicas(targets, of: broker, maxWait: maxWait)))
                    } catch {
                        return (broker, .failure(error))
                    }
                }
            }
            return await tasks.reduce(into: [Answer]()) { $0.append($1) }
        }
        var pages: [TopicPartition: [Int32: ReplicaPage]] = [:]
        for (broker, result) in answers.sorted(by: { $0.broker < $1.broker }) {
            let topic = "broker \(broker)"
            switch result {
            case .success(let given):
                work.told.remove(topic)
                for (partition, page) in given {
                    pages[partition, default: [:]][broker] = checked(page, partition, broker, &work)
                }
            case .failure(let error):
                guard context.interruptions.first == nil, work.told.insert(topic).inserted else { continue }
                context.complain("Broker \(broker) cannot be asked, and its partitions wait: \(error.message)\n")
            }
        }
        return pages
    }

    private func target(_ partition: TopicPartition, _ work: Work) -> FetchTarget {
        FetchTarget(
            partition: partition,
            topicID: work.ids[partition.topic] ?? .zero,
            offset: work.comparison.offset(of: partition) ?? 0,
            maxBytes: command.fetchSize
        )
    }

    /// Complains about a replica that refuses, once. nil for one that has nothing to compare.
    private func checked(
        _ page: ReplicaPage,
        _ partition: TopicPartition,
        _ broker: Int32,
        _ work: inout Work
    ) -> ReplicaPage? {
        let topic = "\(partition) on \(broker)"
        guard page.error != .none else {
            work.told.remove(topic)
            return page
        }
        // A follower that is behind does not have the place yet.
        if page.error == .offsetOutOfRange { return page }
        if work.told.insert(topic).inserted {
            context.complain(
                "Broker \(broker) does not give its copy of \(partition), which waits: \(page.error.message) "
                    + "(\(page.error.name)).\n"
            )
        }
        return nil
    }

    // MARK: Changes

    /// Retention may have deleted the place where a partition stood.
    private func find(_ partitions: [TopicPartition], _ admin: KafkaAdmin, _ work: inout Work) async throws {
        let specs = Dictionary(partitions.map { ($0, OffsetSpec.earliest) }) { first, _ in first }
        for (partition, result) in try await admin.listOffsets(specs, timeout: .seconds(5)) {
            guard case .success(let found) = result, let start = found.offset,
                let offset = work.comparison.offset(of: partition), start > offset
            else { continue }
            context.complain("Records of \(partition) before offset \(start) are gone; going on there.\n")
            work.comparison.skip(partition, to: start)
        }
    }

    /// Looks whether partitions have moved or are gone when a broker that answers did not give a copy.
    private func lookAgain(
        _ pages: [TopicPartition: [Int32: ReplicaPage]],
        _ admin: KafkaAdmin,
        _ work: inout Work,
        nowMs: Int64
    ) async throws {
        guard nowMs - work.lookedMs >= Self.lookAgainMs else { return }
        let incomplete = work.comparison.incomplete(pages)
        guard !incomplete.isEmpty else { return }
        work.lookedMs = nowMs
        let names = Set(incomplete.map(\.topic)).sorted()
        let described: [String: Result<TopicDescription, KafkaClientError>]
        do throws(KafkaClientError) {
            described = try await admin.describeTopics(names, timeout: .seconds(5))
        } catch {
            // Whoever cannot be asked was complained about.
            return
        }
        for partition in incomplete {
            switch described[partition.topic] {
            case .success(let topic) where topic.id == work.ids[partition.topic]:
                let found = topic.partitions.first { $0.metadata.index == partition.partition }
                if let found { work.comparison.move(partition, to: found.metadata.replicas) }
            case .success: forget(partition, &work)
            case .failure(let error) where error.code == .unknownTopic: forget(partition, &work)
            case .failure, nil: continue
            }
        }
    }

    private func forget(_ partition: TopicPartition, _ work: inout Work) {
        context.complain("\(partition) has been deleted, and is not compared any more.\n")
        work.comparison.remove(partition)
        work.ends[partition] = nil
    }
}

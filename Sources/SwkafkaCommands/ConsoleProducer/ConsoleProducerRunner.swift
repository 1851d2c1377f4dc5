import Glibc
import KafkaClient

/// Carries out `console-producer`.
struct ConsoleProducerRunner {
    var command: ConsoleProducerCommand
    var context: CommandContext

    func run() async throws -> ExitStatus {
        var reading = try ReaderProperties(try command.reading.properties())
        reading.topic = reading.topic ?? command.topic
        // Compiled once here only to find mistakes before anything is connected.
        _ = try LineGrammar(reading)
        var properties = try command.sending.properties(commandConfig: command.connection.commandConfig)
        // A record that is waited for must not wait for company.
        if command.sending.sync { properties["linger.ms"] = "0" }
        let session = ClientSession(
            servers: command.connection.servers,
            properties: properties,
            profile: command.connection.profile
        )
        let tally = DeliveryTally(errors: context.errors)
        let wrong = try await session.run(
            context,
            configure: { set throws(KafkaClientError) in try ProducerConfiguration(properties: &set) }
        ) { cluster, configuration in
            try await produce(cluster, configuration, reading, tally)
        }
        if let wrong { context.complain(wrong.text) }
        if tally.failed > 0 {
            context.complain("\(tally.failed) of \(tally.total) records were not acknowledged.\n")
        }
        if let interruption = context.interruptions.first { return interruption.status }
        return wrong == nil && tally.failed == 0 ? .success : .failure
    }

    /// Sends the whole input, and waits until everything is delivered or has failed.
    /// - Returns: why reading ended before the end of the input, if it did.
    private func produce(
        _ cluster: KafkaCluster,
        _ configuration: ProducerConfiguration,
        _ reading: ReaderProperties,
        _ tally: DeliveryTally
    ) async throws -> CommandFailure? {
        let gate = command.sending.sync ? DeliveryGate() : nil
        let producer = try KafkaProducer(cluster: cluster, configuration: configuration) { report in
            tally.take(report)
            gate?.open(report.recordCount)
        }
        context.interruptions.start(watching: nil)
        let input = ProducerInput(
            descriptor: context.input,
            usesReadline: context.inputIsTerminal && context.outputIsTerminal,
            interruption: context.interruptions.descriptor
        )
        let topic = reading.topic ?? command.topic
        let format = command.reading.input
        let started = ProgressLine(context, verb: "sent", isWanted: !context.inputIsTerminal)
        let size = Self.size(of: context.input)
        let wrong = try await onOwnThread { () -> CommandFailure? in
            var progress = started
            defer { progress.end() }
            var bytes = 0
            do throws(CommandFailure) {
                let feeder = try RecordFeeder(
                    producer: producer,
                    topic: topic,
                    format: format,
                    properties: reading,
                    tally: tally,
                    waitForDelivery: gate.map { gate in { gate.wait() } }
                )
                try input.forEachBlock { spans, block, linesBefore throws(CommandFailure) in
                    let count = spans.count
                    try feeder.feed(&spans, block, linesBefore: linesBefore)
                    bytes += block.count
                    progress.update(
                        records: linesBefore + count,
                        bytes: bytes,
                        fraction: size.map { Double(bytes) / Double($0) }
                    )
                }
                return nil
            } catch {
                return error
            }
        }
        await producer.close()
        return wrong
    }
}

extension ConsoleProducerRunner {
    /// How many bytes there are to read, if the input is a file.
    private static func size(of descriptor: CInt) -> Int? {
        var facts = stat()
        guard fstat(descriptor, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG, facts.st_size > 0 else { return nil }
        return Int(facts.st_size)
    }
}

/// Holds the reading thread until the record that it appended is delivered or has failed.
///
/// `@unchecked Sendable`: a POSIX semaphore is made to be used by several threads, and lives as long as the gate.
final class DeliveryGate: @unchecked Sendable {
    private let semaphore: UnsafeMutablePointer<sem_t>

    init() {
        semaphore = .allocate(capacity: 1)
        sem_init(semaphore, 0, 0)
    }

    deinit {
        sem_destroy(semaphore)
        semaphore.deallocate()
    }

    func open(_ count: Int) {
        for _ in 0..<count { sem_post(semaphore) }
    }

    func wait() {
        while sem_wait(semaphore) != 0 && errno == EINTR {}
    }
}

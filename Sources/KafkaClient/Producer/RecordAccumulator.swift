import KafkaCompression
import KafkaWire
import NIOCore

/// Records on their way: open batches, queues, what is under way, and the memory that all of it takes.
///
/// Pure: time comes in as `nowMs` of a clock that never goes back, what to do goes out. Rules:
///
/// - Records of a partition keep their order. Each partition has one open batch and behind it closed ones; only the
///   front of the queue may be sent, and a batch that is sent again returns to its old place.
/// - The front is ready when it is full, has waited for the linger time, is to be sent again, or when memory is short,
///   somebody flushes, or the producer closes.
/// - A batch that is ready and finds no room under way goes on growing up to the limit for batches, so a slow broker
///   meets fewer and larger batches rather than more of them.
/// - A request takes at most one batch of a partition, partitions of a node in turn, up to the limit for requests.
/// - A record counts in `buffer.memory` from its append until its batch is answered. Who finds no room waits in line.
/// - A batch is given up when its oldest record has waited for the delivery timeout, sent or not.
/// - A batch too large for the broker is cut in two, and later batches of that partition start smaller.
struct RecordAccumulator<Promise: Sendable> {
    typealias Batch = ProducerBatch<Promise>
    typealias Delivery = BatchDelivery<Promise>

    struct Partition {
        let name: TopicPartition
        /// The node that leads it, `nil` when none is known.
        var leader: Int32?
        /// Closed batches, next to be sent first.
        var waiting: CircularBuffer<Batch> = []
        var open: OpenBatch<Promise>?
        /// Requests that carry a batch of it.
        var underWay = 0
        /// Batches under way about which nobody was told yet, oldest first.
        var flying: [BatchID] = []
        /// What became of batches that an older one is still to be reported before; rare.
        var held: [(id: BatchID, delivery: Delivery)] = []
        /// Sequence numbers, if the producer is idempotent.
        var ledger: SequenceLedger?
        /// Bytes that wait to be sent; a measure of how far the broker is behind.
        var queuedBytes = 0
        /// The largest batch to make: below the general limit once the broker has refused a larger one.
        var batchLimit: Int

        /// The oldest closed batch about which nobody was told yet.
        var oldest: BatchID? {
            guard let front = waiting.first?.id else { return flying.first }
            return min(front, flying.first ?? front)
        }
    }

    struct Node {
        enum Link: Equatable {
            /// No connection, and none is being made before this time.
            case absent(notBeforeMs: Int64)
            case connecting
            case ready
        }

        /// Partitions that it leads.
        var slots: [Int] = []
        /// Where the next request begins to look.
        var cursor = 0
        var requestsUnderWay = 0
        /// Until when the broker asked for a pause.
        var throttledUntilMs: Int64 = 0
        var link = Link.absent(notBeforeMs: .min)
        /// Why it could not be reached the last time.
        var failure: KafkaClientError?
    }

    let settings: AccumulatorSettings
    var partitions: [Partition] = []
    var nodes: [Int32: Node] = [:]
    /// Which nodes take what waits for them.
    var availability: NodeAvailability
    /// Batches under way, whose bytes the sender holds.
    var flights: [BatchID: (slot: Int, batch: Batch)] = [:]
    /// What became of batches since the shell last asked.
    var deliveries: [Delivery] = []
    /// Topics whose description is out of date.
    var staleTopics: Set<String> = []
    /// The identity for partitions that begin now; `nil` before the broker has given one.
    var identity: ProducerIdentity?
    /// Where the producer's transaction stands; `nil` for a producer without.
    var transaction: TransactionManager?
    /// Whether a producer id has to be asked for.
    private(set) var needsIdentity: Bool
    private(set) var isClosing = false
    private(set) var memoryUsed = 0
    /// Batches that are not answered yet, open ones included.
    private(set) var incompleteBatches = 0

    private var slots: [TopicPartition: Int] = [:]
    /// Memory of batches that are done, for those to come: it has its size and its pages already.
    private var spareBuffers: [ByteBuffer] = []
    private var nextBirth: UInt64 = 0
    private var memoryQueue = MemoryQueue()
    private var flushes = FlushQueue()
    private var spread: SplitMix64

    private let mostSpareBuffers = 8

    /// - Parameter seed: what the spread of pauses is drawn from.
    init(settings: AccumulatorSettings, seed: UInt64) {
        self.settings = settings
        needsIdentity = settings.isIdempotent && !settings.isTransactional
        transaction = settings.isTransactional ? TransactionManager() : nil
        availability = NodeAvailability(timeoutMs: settings.availabilityTimeoutMs)
        spread = SplitMix64(state: seed)
    }

    // MARK: Partitions

    /// The place of a partition in ``partitions``, made when it is new.
    mutating func slot(of partition: TopicPartition) -> Int {
        if let slot = slots[partition] { return slot }
        let slot = partitions.count
        partitions.append(
            Partition(
                name: partition,
                ledger: settings.isIdempotent ? SequenceLedger(identity: identity) : nil,
                batchLimit: settings.batchLimit
            )
        )
        slots[partition] = slot
        return slot
    }

    /// Notes who leads a partition.
    mutating func setLeader(_ leader: Int32?, of slot: Int) {
        let old = partitions[slot].leader
        guard old != leader else { return }
        partitions[slot].leader = leader
        if let old {
            nodes[old]?.slots.removeAll { $0 == slot }
            nodes[old]?.cursor = 0
        }
        if let leader {
            nodes[leader, default: Node()].slots.append(slot)
        }
    }

    // MARK: Appending

    enum Verdict: Equatable {
        /// It is laid. `wakesSender`: there is something to send now, or sooner than was known.
        case laid(wakesSender: Bool)
        /// There is no memory; get in line and try again when called.
        case noMemory
        /// No request can carry it; the size is the record's in bytes.
        case tooLarge(size: Int)
    }

    /// Makes room for a record of a size in the partition's open batch, closing and opening batches as needed.
    ///
    /// - Parameters:
    ///   - size: the most bytes that the record can take.
    ///   - ticket: the caller's place in line, if it has one.
    /// - Returns: `nil` when there is room.
    mutating func makeRoom(for size: Int, in slot: Int, ticket: UInt64?, nowMs: Int64) -> Verdict? {
        let whole = size + RecordBatchHeader.size
        guard whole <= settings.maxRequestSize, whole <= settings.bufferMemory else { return .tooLarge(size: whole) }
        if !memoryQueue.admits(ticket) { return .noMemory }
        if let open = partitions[slot].open {
            if open.builder.uncompressedSize + size <= partitions[slot].batchLimit {
                guard memoryUsed + size <= settings.bufferMemory else { return .noMemory }
                return nil
            }
        }
        guard memoryUsed + whole <= settings.bufferMemory else { return .noMemory }
        closeOpenBatch(of: slot)
        partitions[slot].open = OpenBatch(
            birth: nextBirth,
            createdMs: nowMs,
            builder: settings.makeBuilder(reusing: spareBuffers.popLast()),
            memory: 0
        )
        nextBirth += 1
        incompleteBatches += 1
        return nil
    }

    /// Accounts for what was laid into the open batch of a partition.
    ///
    /// - Parameter before: size of the batch before, zero if it was new.
    /// - Returns: whether the sender has something to do now that it had not.
    mutating func laid(in slot: Int, sizeBefore before: Int) -> Bool {
        guard let after = partitions[slot].open?.builder.uncompressedSize else { return false }
        let growth = after - (partitions[slot].open?.memory ?? 0)
        partitions[slot].open?.memory = after
        partitions[slot].queuedBytes += growth
        memoryUsed += growth
        let isNew = before == 0
        let becomesFull = before < settings.batchSize && after >= settings.batchSize
        return isNew || becomesFull
    }

    /// Lays one record into the open batch of a partition.
    mutating func append(
        key: UnsafeRawBufferPointer?,
        value: UnsafeRawBufferPointer?,
        headers: [RecordHeader],
        timestampMs: Int64,
        promise: Promise?,
        to slot: Int,
        ticket: UInt64? = nil,
        nowMs: Int64
    ) -> Verdict {
        let size = settings.sizeBound(keyCount: key?.count, valueCount: value?.count, headers: headers)
        if let refusal = makeRoom(for: size, in: slot, ticket: ticket, nowMs: nowMs) { return refusal }
        let before = partitions[slot].open?.memory ?? 0
        let index = partitions[slot].open?.builder.recordCount ?? 0
        let isLaid = partitions[slot].open?.builder.append(
            key: key,
            value: value,
            headers: headers,
            timestampMs: timestampMs
        )
        guard isLaid == true else { return .tooLarge(size: size) }
        if let promise {
            partitions[slot].open?.promises.append(
                RecordPromise(index: index, timestampMs: timestampMs, promise: promise)
            )
        }
        return .laid(wakesSender: laid(in: slot, sizeBefore: before))
    }

    /// Lays records of a block into a partition, from the front of `spans`, and takes them off there.
    ///
    /// - Parameter byteLimit: stop once so many bytes were laid.
    mutating func append(
        _ spans: inout ArraySlice<RecordSpan>,
        in block: UnsafeRawBufferPointer,
        timestampMs: Int64,
        byteLimit: Int,
        to slot: Int,
        ticket: UInt64?,
        nowMs: Int64
    ) -> Verdict {
        var wakesSender = false
        var laidBytes = 0
        while let span = spans.first, laidBytes < byteLimit {
            let bound = span.sizeBound
            if let refusal = makeRoom(for: bound, in: slot, ticket: ticket, nowMs: nowMs) {
                return refusal
            }
            // Taken out of the queue and put back, so that records are laid in place and not through the array.
            guard var open = partitions[slot].open.take() else { return .noMemory }
            let before = open.memory
            let start = open.builder.uncompressedSize
            let room = min(
                partitions[slot].batchLimit - start,
                settings.bufferMemory - memoryUsed - (start - before),
                byteLimit - laidBytes
            )
            let taken = open.builder.append(
                spans,
                in: block,
                timestampMs: timestampMs,
                sizeLimit: start + max(room, bound)
            )
            // A builder has room for what the accumulator made room for; if not, the record fits nowhere.
            guard taken > 0 else {
                partitions[slot].open = open
                return .tooLarge(size: bound)
            }
            spans.removeFirst(taken)
            laidBytes += open.builder.uncompressedSize - start
            partitions[slot].open = open
            wakesSender = laid(in: slot, sizeBefore: before) || wakesSender
        }
        return .laid(wakesSender: wakesSender)
    }

    /// Whether leaving the partition leaves no half-filled batch behind.
    func isOpenBatchFull(_ slot: Int) -> Bool {
        partitions[slot].open.map { $0.memory >= settings.batchSize } ?? true
    }

    /// Batches that wait to be sent, the open one included.
    func queueLength(of slot: Int) -> Int {
        partitions[slot].waiting.count + (partitions[slot].open == nil ? 0 : 1)
    }

    mutating func closeOpenBatch(of slot: Int) {
        guard let open = partitions[slot].open.take() else { return }
        partitions[slot].waiting.append(Batch(closing: open))
    }

    // MARK: Memory

    /// Gets in line for memory; the ticket is called by ``callTickets()``.
    mutating func enqueueForMemory(_ size: Int) -> UInt64 {
        memoryQueue.enqueue(size)
    }

    /// Keeps the place in line, to be called once more.
    mutating func askAgainForMemory(_ ticket: UInt64, size: Int) {
        memoryQueue.callAgain(ticket, size: size)
    }

    /// Leaves the line.
    mutating func leaveMemoryQueue(_ ticket: UInt64) {
        memoryQueue.leave(ticket)
    }

    /// The ticket whose turn has come, once.
    mutating func callTicket() -> UInt64? {
        memoryQueue.call(free: isClosing ? .max : settings.bufferMemory - memoryUsed)
    }

    var isMemoryShort: Bool { !memoryQueue.isEmpty }

    // MARK: Flushing and closing

    /// Sends everything that is here now without waiting for more.
    ///
    /// - Returns: a token that ``takeFinishedFlushes()`` names when all of it is answered, or `nil` if there is nothing.
    mutating func flush() -> UInt64? {
        guard incompleteBatches > 0 else { return nil }
        let token = nextBirth
        nextBirth += 1
        flushes.begin(token, waitingFor: incompleteBatches)
        return token
    }

    var isFlushing: Bool { !flushes.isEmpty }

    mutating func takeFinishedFlushes() -> [UInt64] { flushes.takeFinished() }

    /// Takes no more records; what is here is sent without waiting for more.
    mutating func beginClosing() {
        isClosing = true
    }

    // MARK: Identity

    /// The broker has given a producer id.
    mutating func grant(_ new: ProducerIdentity) {
        identity = new
        needsIdentity = false
        for slot in partitions.indices {
            guard let renumbering = partitions[slot].ledger?.adopt(new) else { continue }
            apply(renumbering, to: slot)
        }
    }

    /// The coordinator of transactions has given an identity, between transactions: numbers start at 0 everywhere.
    mutating func restart(as new: ProducerIdentity) {
        identity = new
        for slot in partitions.indices {
            partitions[slot].ledger = SequenceLedger(identity: new)
        }
    }

    mutating func askForIdentity() {
        identity = nil
        needsIdentity = true
    }

    /// Gives batches that wait to be sent again their new numbers.
    mutating func apply(_ renumbering: SequenceLedger.Renumbering, to slot: Int) {
        for (id, stamp) in renumbering {
            guard let index = partitions[slot].waiting.firstIndex(where: { $0.id == id }) else { continue }
            partitions[slot].waiting[index].stamp = stamp
        }
    }

    // MARK: Ends

    /// Lets a batch go: its memory is free, and whoever waits for it is told.
    mutating func finish(_ batch: Batch, of slot: Int, outcome: Result<WrittenBatch, KafkaClientError>) {
        memoryUsed -= batch.memory
        incompleteBatches -= 1
        if case .sealed(let buffer) = batch.contents, settings.codec == .none,
            spareBuffers.count < mostSpareBuffers
        {
            spareBuffers.append(buffer)
        }
        flushes.count(-1, born: batch.id.birth)
        guard !batch.isAbandoned else { return }
        report(batch, of: slot, outcome: outcome)
    }

    /// A batch was cut: several are waited for where one was.
    mutating func countParts(_ parts: Int, of id: BatchID) {
        incompleteBatches += parts - 1
        flushes.count(parts - 1, born: id.birth)
    }

    /// The pause before a batch is sent again.
    mutating func pauseMs(afterAttempts attempts: Int) -> Int64 {
        let chance = Double(spread.next() >> 11) / Double(1 << 53)
        return settings.backoff.pause(afterFailures: attempts, spread: chance).milliseconds
    }
}

import KafkaWire
package import NIOCore
import Synchronization

extension PartitionLog {
    /// Appends one whole batch that the caller has validated (length, checksum, records).
    ///
    /// The log gives it the next offsets and `leaderEpoch`; both lie outside of the checksum and are written in front
    /// of the caller's bytes, which are neither changed nor copied. A batch that its producer has sent before is not
    /// written again: the answer tells where it stands. When the disk fails nothing of the batch stays in the log, and
    /// the next append works if the disk does.
    package func append(
        _ batch: ByteBuffer,
        leaderEpoch: Int32,
        origin: AppendOrigin,
        nowMs: Int64
    ) throws(AppendError) -> AppendInfo {
        let parsed = batch.withUnsafeReadableBytes { BatchHeader.inLog($0) }
        guard let parsed, parsed.sizeInBytes == batch.readableBytes else {
            throw .corruptBatch("\(batch.readableBytes) bytes for \(topicPartition) are not one whole record batch")
        }
        let marker = parsed.isControl ? EndTransactionMarker(controlBatch: batch) : nil
        let info = try state.withLock { state throws(AppendError) in
            try state.append(
                batch,
                parsed,
                marker: marker,
                leaderEpoch: leaderEpoch,
                origin: origin,
                nowMs: nowMs,
                fileSystem,
                directory: directory
            )
        }
        try flushIfManyWaiting()
        return info
    }

    /// Appends batches that have their offsets and epochs: a follower's copy of its leader's log, or the metadata log.
    ///
    /// Every checksum is verified, and offsets must not run backwards or below the log end; gaps (compaction) are fine.
    /// A batch that is cut short at the end of `batches` is ignored.
    package func appendReplicated(_ batches: ByteBuffer, nowMs: Int64) throws(AppendError) -> AppendInfo? {
        let info = try state.withLock { state throws(AppendError) in
            try state.appendReplicated(batches, nowMs: nowMs, fileSystem, directory: directory)
        }
        try flushIfManyWaiting()
        return info
    }

    /// `flush.messages`; 1 is left to the owner of the log, who lets many appends wait for one ``flush()``.
    private func flushIfManyWaiting() throws(AppendError) {
        let isDue = state.withLock {
            $0.config.flushMessages != .max && $0.config.flushMessages > 1
                && $0.logEndOffset - $0.recoveryPoint >= $0.config.flushMessages
        }
        guard isDue else { return }
        do throws(StorageError) {
            try flush()
        } catch {
            throw .storage(error)
        }
    }
}

extension LogState {
    fileprivate mutating func append(
        _ batch: ByteBuffer,
        _ parsed: BatchHeader,
        marker: EndTransactionMarker?,
        leaderEpoch: Int32,
        origin: AppendOrigin,
        nowMs: Int64,
        _ fileSystem: any FileSystem,
        directory: String
    ) throws(AppendError) -> AppendInfo {
        if let failure { throw .storage(failure) }
        let header = parsed.stamped(baseOffset: logEndOffset, leaderEpoch: leaderEpoch)
        let isAppendTime = header.timestampType == .logAppendTime
        let producer = ProducerBatch(header, marker: marker)
        if let producer, let known = try duplicate(producer, origin: origin) {
            return AppendInfo(
                baseOffset: known.firstOffset,
                lastOffset: known.lastOffset,
                logAppendTimeMs: isAppendTime ? known.timestamp : -1,
                logStartOffset: logStartOffset,
                isDuplicate: true,
                didRoll: false,
                beganEpoch: false
            )
        }
        guard Int64(header.sizeInBytes) <= config.segmentBytes else {
            throw .recordListTooLarge(size: header.sizeInBytes, limit: config.segmentBytes)
        }
        do throws(StorageError) {
            let didRoll = try rollIfNeeded(
                before: header,
                size: header.sizeInBytes,
                nowMs: nowMs,
                fileSystem,
                directory: directory
            )
            let file = try active.open(fileSystem)
            var failure: StorageError?
            batch.withUnsafeReadableBytes { bytes in
                // Bytes 0 to 15 are base offset, length and leader epoch.
                withUnsafeTemporaryAllocation(byteCount: 16, alignment: 8) { head in
                    head.storeBytes(of: header.baseOffset.bigEndian, as: Int64.self)
                    head.storeBytes(of: header.batchLength.bigEndian, toByteOffset: 8, as: Int32.self)
                    head.storeBytes(of: header.partitionLeaderEpoch.bigEndian, toByteOffset: 12, as: Int32.self)
                    let body = UnsafeRawBufferPointer(rebasing: bytes[16...])
                    do throws(StorageError) {
                        try active.write(UnsafeRawBufferPointer(head), body, to: file)
                    } catch {
                        failure = error
                    }
                }
            }
            if let failure { throw failure }
            let beganEpoch = noteAppended(header, producer, nowMs: nowMs)
            finishAppend(fileSystem, directory: directory)
            return AppendInfo(
                baseOffset: header.baseOffset,
                lastOffset: header.lastOffset,
                logAppendTimeMs: isAppendTime ? header.maxTimestamp : -1,
                logStartOffset: logStartOffset,
                isDuplicate: false,
                didRoll: didRoll,
                beganEpoch: beganEpoch
            )
        } catch {
            throw .storage(error)
        }
    }

    private func duplicate(
        _ batch: ProducerBatch,
        origin: AppendOrigin
    ) throws(AppendError) -> ProducerState.Batch? {
        switch producers.check(batch, origin: origin) {
        case .append: return nil
        case .duplicate(let known): return known
        case .invalidEpoch(let current):
            throw .invalidProducerEpoch(producerID: batch.producerID, current: current, received: batch.epoch)
        case .outOfOrder(let expected):
            throw .outOfOrderSequence(
                producerID: batch.producerID,
                expected: expected,
                received: batch.firstSequence
            )
        case .coordinatorFenced(let current):
            throw .transactionCoordinatorFenced(producerID: batch.producerID, current: current)
        case .transactionOpen: throw .invalidTransactionState(producerID: batch.producerID)
        }
    }

    fileprivate mutating func appendReplicated(
        _ batches: ByteBuffer,
        nowMs: Int64,
        _ fileSystem: any FileSystem,
        directory: String
    ) throws(AppendError) -> AppendInfo? {
        if let failure { throw .storage(failure) }
        let run = try checkReplicated(batches)
        guard let first = run.first, let last = run.last else { return nil }
        do throws(StorageError) {
            var didRoll = false
            var beganEpoch = false
            var position = batches.readerIndex
            var next = 0
            // One write for all batches that go into the same segment.
            while next < run.count {
                let room = run[next].header
                if try rollIfNeeded(
                    before: room,
                    size: room.sizeInBytes,
                    nowMs: nowMs,
                    fileSystem,
                    directory: directory
                ) {
                    didRoll = true
                }
                let count = batchesThatFit(run[next...], nowMs: nowMs)
                let group = run[next..<next + count]
                let size = group.reduce(0) { $0 + $1.header.sizeInBytes }
                try write(batches, at: position, count: size, fileSystem)
                for (header, marker) in group {
                    if noteAppended(header, ProducerBatch(header, marker: marker), nowMs: nowMs) { beganEpoch = true }
                }
                finishAppend(fileSystem, directory: directory)
                position += size
                next += count
            }
            return AppendInfo(
                baseOffset: first.header.baseOffset,
                lastOffset: last.header.lastOffset,
                logAppendTimeMs: -1,
                logStartOffset: logStartOffset,
                isDuplicate: false,
                didRoll: didRoll,
                beganEpoch: beganEpoch
            )
        } catch {
            throw .storage(error)
        }
    }

    private typealias CheckedBatch = (header: BatchHeader, marker: EndTransactionMarker?)

    /// The whole batches at the start of `batches`.
    private func checkReplicated(_ batches: ByteBuffer) throws(AppendError) -> [CheckedBatch] {
        var rest = batches
        var run: [CheckedBatch] = []
        var expected = logEndOffset
        while rest.readableBytes >= BatchHeader.size {
            let view: RecordBatchView
            do throws(RecordError) {
                view = try RecordBatchView(rest)
                try view.validateChecksum()
            } catch .truncated {
                break
            } catch {
                throw .corruptBatch("\(error)")
            }
            guard view.buffer.withUnsafeReadableBytes({ BatchHeader.inLog($0) }) != nil else {
                throw .corruptBatch("a replicated batch has impossible offsets or an old format")
            }
            guard view.header.baseOffset >= expected else {
                throw .unexpectedOffset(expected: expected, received: view.header.baseOffset)
            }
            guard Int64(view.sizeInBytes) <= config.segmentBytes else {
                throw .recordListTooLarge(size: view.sizeInBytes, limit: config.segmentBytes)
            }
            expected = view.header.nextOffset
            let marker = view.header.isControl ? EndTransactionMarker(controlBatch: view.buffer) : nil
            run.append((view.header, marker))
            rest.moveReaderIndex(forwardBy: view.sizeInBytes)
        }
        return run
    }

    /// How many of `run` go into the active segment, at least one: the first has been made room for.
    private func batchesThatFit(_ run: ArraySlice<CheckedBatch>, nowMs: Int64) -> Int {
        var probe = active
        var count = 0
        for (header, _) in run {
            let mustRoll = probe.rollDecision(jitterMs: jitterMs).mustRoll(
                batchSize: header.sizeInBytes,
                lastOffset: header.lastOffset,
                maxTimestamp: header.maxTimestamp,
                nowMs: nowMs,
                config: config
            )
            if count > 0 && mustRoll { break }
            probe.noteAppended(header, indexIntervalBytes: config.indexIntervalBytes)
            count += 1
        }
        return count
    }

    private mutating func write(
        _ bytes: ByteBuffer,
        at position: Int,
        count: Int,
        _ fileSystem: any FileSystem
    ) throws(StorageError) {
        let file = try active.open(fileSystem)
        var failure: StorageError?
        guard let slice = bytes.getSlice(at: position, length: count) else { return }
        slice.withUnsafeReadableBytes { body in
            do throws(StorageError) {
                try active.write(UnsafeRawBufferPointer(start: nil, count: 0), body, to: file)
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
    }

    /// Takes in a batch that has been written; true if it began a leader epoch.
    private mutating func noteAppended(_ header: BatchHeader, _ producer: ProducerBatch?, nowMs: Int64) -> Bool {
        tail.append(
            TailPositions.Batch(
                baseOffset: header.baseOffset,
                lastOffset: header.lastOffset,
                position: active.size
            )
        )
        active.noteAppended(header, indexIntervalBytes: config.indexIntervalBytes)
        logEndOffset = header.nextOffset
        if unflushedSinceMs == nil { unflushedSinceMs = nowMs }
        if let producer, let ended = producers.update(producer), ended.isAborted {
            active.transactionIndex.append(AbortedTransaction(ended))
        }
        let latest = epochs.latest?.epoch ?? -1
        guard header.partitionLeaderEpoch > latest else { return false }
        if epochs.assign(epoch: header.partitionLeaderEpoch, startOffset: header.baseOffset) { epochsStale = true }
        return true
    }

    /// Writes what an append leaves to be written. Nothing here is needed to find the batch again after a crash, and a
    /// flush writes it or fails, so a full disk does not take back the append.
    private mutating func finishAppend(_ fileSystem: any FileSystem, directory: String) {
        active.spillIndexesIfNeeded(fileSystem)
        try? writeEpochs(fileSystem, directory: directory, synchronized: false)
    }
}

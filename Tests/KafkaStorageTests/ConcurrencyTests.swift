import KafkaStorage
import KafkaTestSupport
import KafkaWire
import NIOCore
import Testing

@Suite struct ConcurrencyTests {
    /// Writers, readers at the tail and from the start, flushes and retention at once: every record has its own offset,
    /// readers see whole batches in order.
    @Test func manyAtOnce() async throws {
        var config = LogConfig()
        config.segmentBytes = 20_000
        config.indexIntervalBytes = 200
        let log = try openLog(FaultyFileSystem(), config: config)
        let writers = 4
        let each = 300
        let offsets = try await withThrowingTaskGroup(of: [Int64].self) { group in
            for writer in 0..<writers {
                group.addTask {
                    var offsets: [Int64] = []
                    for index in 0..<each {
                        let batch = try makeBatch(
                            count: 2,
                            valueSize: 30,
                            producerId: Int64(writer),
                            epoch: 0,
                            sequence: Int32(index * 2)
                        )
                        let info = try log.appendClient(batch)
                        offsets.append(info.baseOffset)
                        await Task.yield()
                    }
                    return offsets
                }
            }
            for _ in 0..<3 {
                group.addTask {
                    var next: Int64 = 0
                    while next < Int64(writers * each * 2) {
                        if let slice = try log.read(from: next, maxBytes: 700, before: .max, atLeastOneBatch: true) {
                            var sequence = RecordBatchSequence(try slice.data.bytes())
                            while let batch = try sequence.next() {
                                #expect(batch.header.baseOffset == next)
                                #expect(batch.isChecksumValid)
                                next = batch.header.nextOffset
                            }
                        }
                        await Task.yield()
                    }
                    return []
                }
            }
            group.addTask {
                while log.logEndOffset < Int64(writers * each * 2) {
                    try log.flush()
                    _ = try log.offset(forTimestamp: baseTime, before: .max)
                    log.releaseIdleResources()
                    await Task.yield()
                }
                return []
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(offsets.sorted() == Array(stride(from: Int64(0), to: Int64(writers * each * 2), by: 2)))
        #expect(log.segmentCount > 3)
        try log.flush()
        #expect(log.recoveryPoint == log.logEndOffset)
    }
}

/// How compaction works, the same for all logs. Sizes in bytes.
package struct CleanerSettings: Equatable, Sendable {
    /// Memory for one cleaning's table of keys (`log.cleaner.dedupe.buffer.size` over the number of threads).
    package var dedupeBufferBytes = 128 << 20
    /// `log.cleaner.io.buffer.load.factor`: part of that table that is used.
    package var loadFactor = 0.9
    /// Bytes that are read and written at once (half of `log.cleaner.io.buffer.size` over the number of threads).
    package var ioBufferBytes = 256 << 10

    package init() {}
}

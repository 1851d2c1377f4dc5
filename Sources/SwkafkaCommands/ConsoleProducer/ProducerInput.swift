import Glibc
import KafkaWire

/// Where lines come from: a pipe or file read in blocks, or a terminal with line editing.
struct ProducerInput: Sendable {
    var descriptor: CInt
    var usesReadline: Bool
    /// Becomes readable when reading shall end; -1 for never.
    var interruption: CInt

    /// Ends a read without ending the input.
    private struct Interrupted: Error {}

    /// Hands on the lines block by block, until the end of the input or an interruption.
    func forEachBlock(
        _ body: (inout [RecordSpan], UnsafeRawBufferPointer, _ linesBefore: Int) throws(CommandFailure) -> Void
    ) throws(CommandFailure) {
        if usesReadline { return try forEachEditedLine(body) }
        var reader = LineReader()
        while true {
            do {
                guard try reader.read(from: readWhenReady) else { return }
            } catch is Interrupted {
                return
            } catch {
                throw CommandFailure("swkafka console-producer: \(error).", hint: "What came before is sent.")
            }
            let linesBefore = reader.linesBefore
            let failure: CommandFailure? = reader.withLines { spans, block in
                do throws(CommandFailure) {
                    try body(&spans, block, linesBefore)
                    return nil
                } catch {
                    return error
                }
            }
            if let failure { throw failure }
        }
    }

    /// Reads once there is something, unless an interruption comes first.
    private func readWhenReady(_ space: UnsafeMutableRawBufferPointer) throws -> Int {
        while true {
            var requests = [
                pollfd(fd: interruption, events: Int16(POLLIN), revents: 0),
                pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
            ]
            guard poll(&requests, 2, -1) >= 0 else {
                guard errno == EINTR else { throw LineReaderError.unreadable(errno) }
                continue
            }
            if requests[0].revents != 0 { throw Interrupted() }
            let count = read(descriptor, space.baseAddress, space.count)
            if count >= 0 { return count }
            guard errno == EINTR || errno == EAGAIN else { throw LineReaderError.unreadable(errno) }
        }
    }

    /// A line at a time from the terminal.
    private func forEachEditedLine(
        _ body: (inout [RecordSpan], UnsafeRawBufferPointer, _ linesBefore: Int) throws(CommandFailure) -> Void
    ) throws(CommandFailure) {
        var linesBefore = 0
        let editor = LineEditor(prompt: ">", descriptor: descriptor, interruption: interruption)
        defer { editor.close() }
        while let line = editor.next() {
            var spans = [RecordSpan(valueOffset: 0, valueLength: Int32(clamping: line.count))]
            let failure: CommandFailure? = line.withUnsafeBytes { block in
                do throws(CommandFailure) {
                    try body(&spans, block, linesBefore)
                    return nil
                } catch {
                    return error
                }
            }
            if let failure { throw failure }
            linesBefore += 1
        }
    }
}

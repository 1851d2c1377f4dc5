import Foundation
import KafkaMessages
import KafkaTransport
import KafkaWire
import NIOCore
import Testing

/// Answers that are in part ranges of files.
@Suite(.timeLimit(.minutes(1))) struct ServerFileTests {
    @Test(arguments: [1, 4096, 16 * 1024, 3_000_000])
    func fileRangesArriveByteExact(count: Int) async throws {
        let bytes = (0..<count + 100).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 7) }
        let source = try TemporaryFile(bytes)
        let handler = ClosureHandler { request in
            let frame = try? WireWriter.frame { writer throws(WireError) in
                writer.writeInt32(request.correlationID)
                let slice = FileSlice(source: source, offset: 50, count: count)
                try writer.writeRecords(.file(slice), flexible: false)
                try writer.writeRecords(.file(slice), flexible: false)
                writer.writeInt8(9)
            }
            return frame.map(ResponseAction.respond) ?? .close
        }
        try await withListener(handler) { listener in
            let raw = try await RawConnection.connect(port: listener.port)
            for id in 1...3 {
                try await raw.send(try metadataFrame(correlationID: Int32(id)))
            }
            for id in 1...3 {
                var frame = try await raw.receiveFrame()
                #expect(frame.readInteger(as: Int32.self) == Int32(id))
                for _ in 0..<2 {
                    #expect(frame.readInteger(as: Int32.self) == Int32(count))
                    #expect(frame.readBytes(length: count) == Array(bytes[50..<50 + count]))
                }
                #expect(frame.readInteger(as: Int8.self) == 9)
                #expect(frame.readableBytes == 0)
            }
            raw.close()
        }
    }

    @Test func aSourceStaysOpenUntilItsBytesAreSentAndNoLonger() async throws {
        let (closings, closing) = AsyncStream.makeStream(of: Void.self)
        let count = 8_000_000
        let handler = ClosureHandler { request in
            guard let source = try? TemporaryFile(Array(repeating: 3, count: count), onClose: { closing.yield() })
            else { return .close }
            let frame = try? WireWriter.frame { writer throws(WireError) in
                writer.writeInt32(request.correlationID)
                try writer.writeRecords(.file(FileSlice(source: source, offset: 0, count: count)), flexible: false)
            }
            return frame.map(ResponseAction.respond) ?? .close
        }
        try await withListener(handler) { listener in
            let reader = try await RawConnection.connect(port: listener.port)
            try await reader.send(try metadataFrame(correlationID: 1))
            #expect(try await reader.receiveFrame().readableBytes == count + 8)
            for await _ in closings { break }
            reader.close()
            // This one goes away in the middle.
            let quitter = try await RawConnection.connect(port: listener.port, autoRead: false)
            try await quitter.send(try metadataFrame(correlationID: 1))
            quitter.channel.read()
            _ = try await quitter.receive(1)
            quitter.close()
            for await _ in closings { break }
        }
    }
}

/// A file without a name, open as long as the object lives.
final class TemporaryFile: FileSource {
    let fileDescriptor: CInt
    private let onClose: @Sendable () -> Void

    init(_ bytes: [UInt8], onClose: @escaping @Sendable () -> Void = {}) throws {
        self.onClose = onClose
        var template = Array("/tmp/swkafka-transport-XXXXXX".utf8CString)
        fileDescriptor = mkstemp(&template)
        guard fileDescriptor >= 0 else { throw POSIXError(.EIO) }
        unlink(template)
        guard write(fileDescriptor, bytes, bytes.count) == bytes.count else { throw POSIXError(.EIO) }
    }

    deinit {
        close(fileDescriptor)
        onClose()
    }
}

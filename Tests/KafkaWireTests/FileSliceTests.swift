import Foundation
import KafkaWire
import NIOCore
import Testing

@Suite struct FileSliceTests {
    private final class OpenFile: FileSource {
        let fileDescriptor: CInt

        init(bytes: [UInt8]) throws {
            let path = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
            try Data(bytes).write(to: URL(fileURLWithPath: path))
            fileDescriptor = open(path, O_RDONLY)
            // The open descriptor keeps the content; nothing is left behind.
            try FileManager.default.removeItem(atPath: path)
        }

        deinit { close(fileDescriptor) }
    }

    @Test func readsItsRange() throws {
        let slice = FileSlice(source: try OpenFile(bytes: Array(0..<100)), offset: 10, count: 5)
        #expect(Array(try slice.read().readableBytesView) == [10, 11, 12, 13, 14])
        #expect(try RecordData.file(slice).bytes() == slice.read())
        #expect(RecordData.file(slice).count == 5)
    }

    @Test func aFileThatIsTooShortIsAnError() throws {
        let slice = FileSlice(source: try OpenFile(bytes: [1, 2, 3]), offset: 1, count: 5)
        #expect(throws: WireError.fileUnreadable(errno: 0)) { try slice.read() }
    }

    @Test func aDescriptorThatDoesNotReadIsAnError() {
        final class Broken: FileSource { let fileDescriptor: CInt = -1 }
        let slice = FileSlice(source: Broken(), offset: 0, count: 1)
        #expect(throws: WireError.fileUnreadable(errno: EBADF)) { try slice.read() }
    }

    @Test func equality() throws {
        let file = try OpenFile(bytes: [1, 2, 3])
        #expect(FileSlice(source: file, offset: 0, count: 3) == FileSlice(source: file, offset: 0, count: 3))
        #expect(FileSlice(source: file, offset: 0, count: 3) != FileSlice(source: file, offset: 1, count: 2))
        let other = try OpenFile(bytes: [1, 2, 3])
        #expect(FileSlice(source: file, offset: 0, count: 3) != FileSlice(source: other, offset: 0, count: 3))
    }

    @Test func fileRangesGoIntoAFrameUnread() throws {
        let file = FileSlice(source: try OpenFile(bytes: Array(0..<100)), offset: 2, count: 3)
        let frame = try WireWriter.frame { (writer) throws(WireError) in
            try writer.writeRecords(.file(file), flexible: true)
            writer.writeInt8(-1)
        }
        #expect(frame.splices == [EncodedFrame.Splice(position: 5, data: .file(file))])
        #expect(frame.buffer.readableBytes == 6)
        #expect(frame.byteCount == 9)
        #expect(Array(try frame.flattened().readableBytesView) == [0, 0, 0, 5, 4, 2, 3, 4, 0xFF])
    }
}

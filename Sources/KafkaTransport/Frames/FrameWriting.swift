import KafkaWire
import NIOCore

extension ChannelHandlerContext {
    /// Writes a frame's parts without flushing them: memory as it is, file ranges for `sendfile`.
    ///
    /// A file range keeps its source, and so the open descriptor, until its write has succeeded or failed.
    func write(_ parts: [RecordData]) {
        for part in parts {
            switch part {
            case .bytes(let buffer):
                write(NIOAny(IOData.byteBuffer(buffer)), promise: nil)
            case .file(let slice):
                write(slice)
            }
        }
    }

    private func write(_ slice: FileSlice) {
        // The handle borrows the descriptor: it is taken away again before the source may close it.
        let handle = NIOFileHandle(_deprecatedTakingOwnershipOfDescriptor: slice.source.fileDescriptor)
        let start = Int(slice.offset)
        let region = FileRegion(fileHandle: handle, readerIndex: start, endIndex: start + slice.count)
        let written = eventLoop.makePromise(of: Void.self)
        written.futureResult.whenComplete { _ in
            // Fails only for a handle that is closed or in use; nobody else has it, and its write is over.
            _ = try? handle.takeDescriptorOwnership()
            withExtendedLifetime(slice.source) {}
        }
        write(NIOAny(IOData.fileRegion(region)), promise: written)
    }
}

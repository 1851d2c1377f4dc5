import KafkaTransport
import NIOCore
import Testing

@Suite struct FrameAccumulatorTests {
    private static func framed(_ payloads: [[UInt8]]) -> [UInt8] {
        payloads.flatMap { payload in
            withUnsafeBytes(of: UInt32(payload.count).bigEndian, Array.init) + payload
        }
    }

    private static func drain(_ accumulator: inout FrameAccumulator) throws -> [[UInt8]] {
        var frames: [[UInt8]] = []
        while let frame = try accumulator.next() {
            frames.append(Array(frame.readableBytesView))
        }
        return frames
    }

    private static let payloads: [[UInt8]] = [[1, 2, 3], [], [4], Array(10..<40), [0, 0, 0, 9]]

    @Test func framesOfOneReadComeInOrder() throws {
        var accumulator = FrameAccumulator()
        accumulator.append(ByteBuffer(bytes: Self.framed(Self.payloads)))
        #expect(try Self.drain(&accumulator) == Self.payloads)
        #expect(accumulator.bufferedBytes == 0)
    }

    @Test func everyPairOfCutsGivesTheSameFrames() throws {
        let bytes = Self.framed(Self.payloads)
        for first in 0...bytes.count {
            for second in first...bytes.count {
                var accumulator = FrameAccumulator()
                var frames: [[UInt8]] = []
                for piece in [bytes[..<first], bytes[first..<second], bytes[second...]] {
                    accumulator.append(ByteBuffer(bytes: piece))
                    frames += try Self.drain(&accumulator)
                }
                #expect(frames == Self.payloads, "cut at \(first) and \(second)")
            }
        }
    }

    @Test func singleBytesGiveTheSameFrames() throws {
        var accumulator = FrameAccumulator()
        var frames: [[UInt8]] = []
        for byte in Self.framed(Self.payloads) {
            accumulator.append(ByteBuffer(bytes: [byte]))
            frames += try Self.drain(&accumulator)
        }
        #expect(frames == Self.payloads)
    }

    @Test func readsThatPileUpBeforeTheyAreCutGiveTheSameFrames() throws {
        var accumulator = FrameAccumulator()
        for byte in Self.framed(Self.payloads) {
            accumulator.append(ByteBuffer(bytes: [byte]))
        }
        #expect(try Self.drain(&accumulator) == Self.payloads)
    }

    @Test(arguments: [UInt32(0x8000_0000), 0xFFFF_FFFF, 101, 0x7FFF_FFFF, 0x4854_5450])
    func lengthsOutOfRangeAreErrorsThatStay(prefix: UInt32) {
        var accumulator = FrameAccumulator(maximumFrameBytes: 100)
        accumulator.append(ByteBuffer(integer: prefix))
        #expect(throws: FrameError.badLength(prefix: prefix, limit: 100)) { try accumulator.next() }
        accumulator.append(ByteBuffer(integer: UInt32(0)))
        #expect(throws: FrameError.badLength(prefix: prefix, limit: 100)) { try accumulator.next() }
        #expect(accumulator.bufferedBytes <= 4)
    }

    @Test func aBadLengthInPiecesIsAnError() throws {
        var accumulator = FrameAccumulator(maximumFrameBytes: 100)
        for byte in [UInt8(0x15), 3, 3] {
            accumulator.append(ByteBuffer(bytes: [byte]))
            #expect(try accumulator.next() == nil)
        }
        accumulator.append(ByteBuffer(bytes: [0]))
        #expect(throws: FrameError.badLength(prefix: 0x1503_0300, limit: 100)) { try accumulator.next() }
    }

    @Test func theGreatestLengthIsAllowed() throws {
        var accumulator = FrameAccumulator(maximumFrameBytes: 100)
        accumulator.append(ByteBuffer(bytes: Self.framed([Array(repeating: 7, count: 100)])))
        #expect(try accumulator.next()?.readableBytes == 100)
    }

    @Test func aLengthIsNotBelievedBeforeTheBytesAreThere() throws {
        var accumulator = FrameAccumulator()
        accumulator.append(ByteBuffer(integer: UInt32(100 * 1024 * 1024)))
        accumulator.append(ByteBuffer(bytes: [1, 2, 3]))
        #expect(try accumulator.next() == nil)
        #expect(accumulator.reservedBytes <= 2 * FrameAccumulator.modestReservation)
    }

    @Test func aLargeFrameInManyReadsIsWhole() throws {
        let payload = (0..<3_000_001).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let bytes = ByteBuffer(bytes: Self.framed([payload, [1]]))
        var accumulator = FrameAccumulator()
        var rest = bytes
        var frames: [[UInt8]] = []
        while rest.readableBytes > 0, let piece = rest.readSlice(length: min(8191, rest.readableBytes)) {
            accumulator.append(piece)
            frames += try Self.drain(&accumulator)
            #expect(accumulator.reservedBytes <= payload.count * 2)
        }
        #expect(frames == [payload, [1]])
    }
}

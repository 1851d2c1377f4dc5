import Foundation
import KafkaStorage
import KafkaTestSupport
import KafkaTransport
import Testing

@testable import KafkaBroker

@Suite struct FaultyDiskTests {
    /// Changes the file of faults, and waits until the board has seen it.
    private static func set(_ text: String, _ path: String, _ board: FaultBoard) async throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
        let wanted = try FaultSet(text: text)
        let deadline = ContinuousClock.now + .seconds(30)
        while board.current != (wanted.isEmpty ? nil : wanted) {
            try #require(ContinuousClock.now < deadline, "the board does not see \(text)")
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    @Test func failsOnlyWhereAndWhileItIsTold() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/faults"
            let board = FaultBoard(path: path)
            let disk = FaultyDisk(PosixFileSystem(), board: board, nodeID: 1001)
            #expect(board.current == nil)
            let file = try disk.open(directory + "/a", mode: .createOrReadWrite)
            try Self.write("one", file)
            try await Self.set("disk-full 1001\n", path, board)
            let full = #expect(throws: StorageError.self) { try Self.write("two", file) }
            #expect(full?.isOutOfSpace == true)
            #expect(throws: StorageError.self) { try disk.open(directory + "/b", mode: .createEmpty) }
            #expect(throws: StorageError.self) { try disk.makeDirectory(directory + "/c") }
            #expect(String(decoding: try disk.readAll(directory + "/a"), as: UTF8.self) == "one")
            try file.synchronize()
            try await Self.set("fsync-error 1001\n", path, board)
            try Self.write("two", file)
            let failed = #expect(throws: StorageError.self) { try file.synchronize() }
            #expect(failed?.kind == .system(SystemErrorCode.inputOutput))
            #expect(throws: StorageError.self) { try disk.synchronizeDirectory(directory) }
            try await Self.set("fsync-error 1002\ndisk-full 1002\n", path, board)
            try Self.write("three", file)
            try file.synchronize()
            try await Self.set("", path, board)
            try disk.removeFile(directory + "/a")
        }
    }

    @Test func whatCannotBeUnderstoodChangesNothing() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/faults"
            let board = FaultBoard(path: path)
            try await Self.set("cut 1|1001 refused\nslow 1001 50ms\n", path, board)
            try Data("cut cut cut\n".utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
            try await Task.sleep(for: .milliseconds(2 * FaultBoard.intervalMs))
            #expect(board.current?.text == "cut controller|1001 refused\nslow 1001 50ms\n")
            let faults = NodeFaults(board: board, nodeID: 1001)
            let controller = PeerAddress(host: "h", port: 1, source: .controllerQuorum)
            #expect(faults.condition(ofConnectionTo: controller) == LinkCondition(cut: .refused, delayMs: 50))
            let other = PeerAddress(host: "h", port: 1, source: .advertised(brokerID: 1002))
            #expect(faults.condition(ofConnectionTo: other) == LinkCondition(delayMs: 50))
            #expect(faults.condition(ofConnectionTo: nil) == LinkCondition(delayMs: 50))
            try await Self.set("", path, board)
            #expect(faults.condition(ofConnectionTo: controller) == .sound)
        }
    }

    private static func write(_ text: String, _ file: any StorageFile) throws {
        try Array(text.utf8).withUnsafeBytes { bytes in
            try file.write(UnsafeRawBufferPointer(start: nil, count: 0), bytes, at: 0)
        }
    }
}

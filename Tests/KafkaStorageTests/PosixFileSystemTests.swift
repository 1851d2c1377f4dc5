import Foundation
import KafkaStorage
import KafkaWire
import Testing

/// The real file system, in a temporary folder.
@Suite final class PosixFileSystemTests {
    private let root = NSTemporaryDirectory() + "swkafka-storage-\(UUID().uuidString)"
    private let fileSystem = PosixFileSystem()

    init() throws {
        try fileSystem.makeDirectory(root + "/a/b")
    }

    deinit {
        try? FileManager.default.removeItem(atPath: root)
    }

    @Test func filesAndFolders() throws {
        #expect(try fileSystem.status(root + "/a/b")?.isDirectory == true)
        #expect(try fileSystem.status(root + "/none") == nil)
        try fileSystem.makeDirectory(root + "/a/b")
        let file = try fileSystem.open(root + "/a/f", mode: .createOrReadWrite)
        let bytes = Array("hello world".utf8)
        try bytes.withUnsafeBytes { all in
            try file.write(
                UnsafeRawBufferPointer(rebasing: all[..<6]),
                UnsafeRawBufferPointer(rebasing: all[6...]),
                at: 0
            )
        }
        try file.synchronize()
        var target = [UInt8](repeating: 0, count: 20)
        #expect(try target.withUnsafeMutableBytes { try file.read(into: $0, at: 6) } == 5)
        #expect(target.prefix(5) == bytes[6...])
        try file.truncate(to: 5)
        #expect(try file.size() == 5)
        try fileSystem.rename(root + "/a/f", to: root + "/a/g")
        #expect(try fileSystem.list(root + "/a").sorted() == ["b", "g"])
        try fileSystem.synchronizeDirectory(root + "/a")
        try fileSystem.removeFile(root + "/a/g")
        #expect(try file.size() == 5, "an open file outlives its name")
        try fileSystem.removeDirectory(root + "/a/b")
        #expect(try fileSystem.list(root + "/a").isEmpty)
    }

    @Test func errorsNamePathAndReason() throws {
        let missing = #expect(throws: StorageError.self) {
            try fileSystem.open(root + "/none/f", mode: .createOrReadWrite)
        }
        #expect(missing?.isNotFound == true)
        #expect(missing?.description == "cannot open \(root)/none/f: No such file or directory")
        #expect(throws: StorageError.self) { try fileSystem.removeDirectory(root + "/a") }
        #expect(throws: StorageError.self) { try fileSystem.list(root + "/none") }
    }

    @Test func locksExcludeWithinAProcessToo() throws {
        var held: (any FileLock)? = try fileSystem.lock(root + "/.lock")
        let error = #expect(throws: StorageError.self) { try fileSystem.lock(root + "/.lock") }
        #expect(error?.kind == .locked)
        #expect(error?.reason == "process \(getpid()) holds it")
        #expect(held != nil)
        held = nil
        _ = try fileSystem.lock(root + "/.lock")
    }

    private var smallSegments: LogConfig {
        var config = LogConfig()
        config.segmentBytes = 10_000
        return config
    }

    @Test func aLogOnARealDisk() throws {
        let directory = try LogDirectory.open(path: root + "/data", nodeID: nil, clusterID: nil)
        let partition = TopicPartition(topic: "t", partition: 0)
        let config = smallSegments
        let log = try directory.openLog(partition, topicID: .random(), config: config, nowMs: baseTime)
        for index in 0..<200 {
            try log.appendClient(try makeBatch(count: 3, valueSize: 100, timestampMs: baseTime + Int64(index)))
        }
        #expect(log.segmentCount > 5)
        #expect(try log.allOffsets() == Array(0..<600))
        #expect(directory.close().isEmpty)
        let again = try LogDirectory.open(path: root + "/data", nodeID: nil, clusterID: nil)
        #expect(again.wasClosedCleanly)
        #expect(try again.openAll(config: { _ in config }, nowMs: baseTime).isEmpty)
        let reopened = try #require(again.log(for: partition))
        #expect(try reopened.allOffsets() == Array(0..<600))
        #expect(try reopened.offset(forTimestamp: baseTime + 150, before: .max)?.offset == 450)
        #expect(reopened.recoveryReport.isEmpty)
    }
}

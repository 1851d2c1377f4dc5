import Foundation
import KafkaMessages
import KafkaStorage
import KafkaTestSupport
import KafkaWire
import Synchronization
import Testing

@testable import KafkaBroker
@testable import KafkaCoordination

/// Snapshots of the metadata: what is restored from them, what goes away with them, and what a crash leaves.
@Suite struct MetadataSnapshotTests {
    /// A controller's log and machine on some disk.
    private struct Node {
        let directory: LogDirectory
        let log: MetadataLog
        let driver: ControllerDriver

        init(_ disk: FaultyFileSystem, bytes: Int = 1500) throws {
            let clock = ManualClock(nowMs: 1_700_000_000_000)
            directory = try LogDirectory.open(path: "/data", nodeID: 1, clusterID: "c", fileSystem: disk)
            let properties = ["metadata.log.max.record.bytes.between.snapshots": "\(bytes)"]
            log = try MetadataLog(
                directory: directory,
                nodeID: 1,
                isDurable: true,
                snapshots: MetadataSnapshots.Settings(ConfigResolver(staticValues: properties)),
                clock: clock,
                logger: quietLogger
            )
            driver = try ControllerDriver(
                log: log,
                settings: ClusterController.Settings(clusterID: "c"),
                clock: clock,
                uptime: clock,
                logger: quietLogger
            )
            try log.begin(nowMs: clock.nowMs)
        }

        var image: MetadataImage { driver.read { $0.image } }
        var topics: Set<String> { Set(image.topics.keys) }

        func create(_ name: String, _ number: Int) throws {
            let id = KafkaUUID(high: 1, low: UInt64(number) + 1000)
            let partition = PartitionImage(
                replicas: [1, 2],
                isr: [1],
                addingReplicas: [2],
                leader: 1,
                leaderEpoch: Int32(number),
                partitionEpoch: 3,
                isRecovering: number % 2 == 0,
                directories: [KafkaUUID(high: 9, low: 9), .zero]
            )
            let records: [MetadataRecord] = [
                .topic(TopicRecord(name: name, topicId: id)),
                .partition(PartitionRecord(partition, index: 0, topicID: id)),
                .config(ConfigRecord(.topic, name, "retention.ms", "\(number)")),
            ]
            try driver.perform { _, _ in ControllerResult(records: records, answer: ()) }
        }

        func remove(_ name: String) throws {
            guard let id = image.topics[name]?.id else { return }
            try driver.perform { _, _ in
                ControllerResult(records: [.removeTopic(RemoveTopicRecord(topicId: id))], answer: ())
            }
        }
    }

    private static func snapshots(_ disk: FaultyFileSystem) -> [String] {
        disk.paths.filter { $0.contains(".checkpoint") && $0.contains("__cluster_metadata-0") }
    }

    @Test func aRestartBeginsWithTheSnapshot() throws {
        let disk = FaultyFileSystem()
        let node = try Node(disk)
        for number in 0..<60 {
            try node.create("t\(number)", number)
            node.log.snapshots.writeDue()
        }
        // The newest and the one before; what lies below that is gone.
        #expect(Self.snapshots(disk).count == 2)
        #expect(node.log.startOffset > 60 && node.log.startOffset < node.log.endOffset)
        let segments = disk.paths.filter { $0.hasSuffix(".log") || $0.hasSuffix(".deleted") }
        #expect(segments.allSatisfy { !$0.hasSuffix("/00000000000000000000.log") } && segments.count < 8)
        let again = try Node(disk.afterKill())
        #expect(again.image.topics == node.image.topics && again.image.configs == node.image.configs)
        #expect(again.image.offset == node.image.offset && again.log.epoch == 2)
        #expect(again.log.snapshots.newest == node.log.snapshots.newest)
    }

    @Test func whatIsBeingWrittenAtACrashDoesNotCount() throws {
        let disk = FaultyFileSystem()
        let node = try Node(disk)
        for number in 0..<40 {
            try node.create("t\(number)", number)
            node.log.snapshots.writeDue()
        }
        let newest = try #require(Self.snapshots(disk).sorted().last)
        let found = disk.afterKill()
        let torn = newest.replacing("0000000001.checkpoint", with: "0000000009.checkpoint.part")
        found.setContent(of: torn, [1, 2, 3])
        // One that claims to be newer and is not whole.
        let content = try #require(found.content(of: newest))
        let claims = "/data/__cluster_metadata-0/00000000000000099999-0000000001.checkpoint"
        found.setContent(of: claims, Array(content.dropLast(10)))
        let again = try Node(found)
        #expect(again.topics.count == 40 && again.image.topics == node.image.topics)
        #expect(found.content(of: torn) == nil)
    }

    @Test func recordsOfOtherFeaturesAreNotLost() throws {
        let disk = FaultyFileSystem()
        let node = try Node(disk)
        try node.driver.perform { _, _ in
            ControllerResult(records: [.accessControlEntry(AccessControlEntryRecord())], answer: ())
        }
        for number in 0..<60 {
            try node.create("t\(number)", number)
            node.log.snapshots.writeDue()
        }
        #expect(Self.snapshots(disk).isEmpty && node.log.startOffset == 0)
    }

    private static let seeds = UInt64(ProcessInfo.processInfo.environment["SWKAFKA_SEEDS"] ?? "") ?? 25

    /// The power goes at any operation on the disk, in the middle of a snapshot too: what was decided and told is there.
    @Test func powerCuts() throws {
        for seed in 0..<Self.seeds {
            var generator = SeededGenerator(seed: seed)
            var disk = FaultyFileSystem()
            var known: Set<String> = []
            var uncertain: Set<String> = []
            for life in 0..<3 {
                let node = try Node(disk, bytes: 700)
                let found = node.topics
                #expect(found.isSuperset(of: known), "seed \(seed), life \(life): \(known.subtracting(found))")
                #expect(known.union(uncertain).isSuperset(of: found), "seed \(seed), life \(life)")
                (known, uncertain) = (found, [])
                let left = Mutex(Int.random(in: 1...150, using: &generator))
                let chance = Mutex(SeededGenerator(seed: generator.next()))
                let cut = Mutex<FaultyFileSystem?>(nil)
                disk.setRule { [disk] _, _ in
                    let isTime = left.withLock { left in
                        left -= 1
                        return left == 0
                    }
                    if isTime {
                        var generator = chance.withLock { $0 }
                        let after = disk.afterPowerCut(using: &generator)
                        cut.withLock { $0 = after }
                    }
                    return nil
                }
                var number = life * 1000
                while cut.withLock({ $0 }) == nil {
                    number += 1
                    let name = "t\(number)"
                    if number % 5 == 0, let old = known.sorted().first {
                        try node.remove(old)
                        known.remove(old)
                        if cut.withLock({ $0 }) != nil { uncertain.insert(old) }
                    } else {
                        uncertain = [name]
                        try node.create(name, number)
                        if cut.withLock({ $0 }) == nil { known.insert(name) }
                    }
                    node.log.snapshots.writeDue()
                }
                disk.setRule(nil)
                guard let after = cut.withLock({ $0 }) else { return }
                disk = after
            }
        }
    }
}

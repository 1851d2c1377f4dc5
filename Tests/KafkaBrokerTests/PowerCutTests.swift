import Foundation
import Testing

/// `--fsync always` on a disk that forgets: the power goes at any operation, and each write that was not synchronised
/// may then be there, torn, missing, or older than one that followed it.
///
/// `SWKAFKA_SEEDS` says how many disks are simulated.
@Suite struct PowerCutTests {
    private static let seeds = UInt64(ProcessInfo.processInfo.environment["SWKAFKA_SEEDS"] ?? "") ?? 10_000
    private static let parts: UInt64 = 4

    @Test(arguments: 0..<parts) func whatWasAcknowledgedSurvives(part: UInt64) throws {
        for seed in stride(from: part, to: Self.seeds, by: Int(Self.parts)) {
            var simulation = try PowerCutSimulation(seed: seed, waitsForDisk: true)
            // Now and then what a recovery has left is met by the next one.
            let losses = try simulation.run(lives: seed % 16 < 4 ? 2 : 1)
            #expect(losses.isEmpty, "seed \(seed): \(losses.joined(separator: "; "))")
        }
    }

    /// The simulation is worth something: a broker that acknowledges before the disk has the records is found out.
    @Test func acknowledgingBeforeTheDiskIsFound() throws {
        let found = try (0..<100 as Range<UInt64>).filter { seed in
            var simulation = try PowerCutSimulation(seed: seed, waitsForDisk: false)
            return try !simulation.run(lives: 2).isEmpty
        }
        #expect(found.count > 20)
    }

    /// So is a disk that says that it has written what it has not.
    @Test func aLyingDiskIsFound() throws {
        let found = try (0..<100 as Range<UInt64>).filter { seed in
            var simulation = try PowerCutSimulation(seed: seed, waitsForDisk: true, isLying: true)
            do {
                return try !simulation.run(lives: 2).isEmpty
            } catch {
                // Not even what is there can be read.
                return true
            }
        }
        #expect(found.count > 20)
    }
}

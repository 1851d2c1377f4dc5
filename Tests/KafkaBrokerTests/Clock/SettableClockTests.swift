import Foundation
import KafkaTestSupport
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import KafkaBroker

/// The clock of `--clock`, its timers, and its socket.
@Suite struct SettableClockTests {
    /// Names of timers in the order in which they rang.
    private final class Bells: Sendable {
        private let rung = Mutex<[String]>([])

        func take() -> [String] {
            rung.withLock { rung in
                defer { rung = [] }
                return rung
            }
        }

        func add(_ name: String, to clock: SettableClock, afterMs: Int64) -> any ScheduledCall {
            clock.schedule(afterMs: afterMs) { self.rung.withLock { $0.append(name) } }
        }
    }

    @Test func timersFollowJumpsAndRates() {
        let real = ManualClock(nowMs: 77)
        let clock = SettableClock(ClockSetting(startMs: 1000, rate: .frozen), wallMs: 5, real: real)
        let bells = Bells()
        _ = bells.add("a", to: clock, afterMs: 100)
        let second = bells.add("b", to: clock, afterMs: 50)
        _ = bells.add("now", to: clock, afterMs: 0)
        #expect(bells.take() == ["now"])
        real.advance(byMs: 1_000_000)
        #expect(bells.take() == [])
        second.cancel()
        #expect(clock.perform(.advance(100)) == .reading(nowMs: 1100, rate: .frozen))
        #expect(bells.take() == ["a"])

        _ = bells.add("c", to: clock, afterMs: 6000)
        #expect(clock.perform(.setRate(.running(factor: 60))) == .reading(nowMs: 1100, rate: .running(factor: 60)))
        real.advance(byMs: 99)
        #expect(bells.take() == [])
        real.advance(byMs: 1)
        #expect(bells.take() == ["c"])
        #expect(clock.nowMs == 7100)

        // A timer that is nearer than the one that is waited for.
        _ = bells.add("far", to: clock, afterMs: 60_000)
        _ = bells.add("near", to: clock, afterMs: 600)
        real.advance(byMs: 10)
        #expect(bells.take() == ["near"])
        #expect(clock.perform(.set(0)) != clock.perform(.show))
        #expect(clock.perform(.advance(.max)) != clock.perform(.show))
        #expect(bells.take() == [])
    }

    @Test func theOwnerSetsItThroughTheSocket() async throws {
        try await withTemporaryDirectory { directory in
            // Longer than a socket address may be.
            let data = directory + "/" + String(repeating: "deep", count: 40)
            var configuration = try BrokerConfiguration(
                properties: ["listeners": "PLAINTEXT://127.0.0.1:0", "log.dirs": data]
            )
            configuration.clock = ClockSetting(startMs: 1_800_000_000_000, rate: .frozen)
            let socket = data + "/" + AdminSocketPath.fileName
            let control = BrokerClockControl(dataDirectory: data)
            let broker = Broker(configuration: configuration, logger: quietLogger)
            try await broker.serve { _ in
                let attributes = try FileManager.default.attributesOfItem(atPath: socket)
                #expect(attributes[.posixPermissions] as? Int == 0o600)
                #expect(try await control.perform(.show) == .reading(nowMs: 1_800_000_000_000, rate: .frozen))
                #expect(
                    try await control.perform(.advance(5)) == .reading(nowMs: 1_800_000_000_005, rate: .frozen)
                )
                guard case .refused(let reason) = try await control.perform(.set(5)) else {
                    Issue.record("a clock that goes back")
                    return
                }
                #expect(reason.contains("2027-01-15T08:00:00.005Z"))
                // One who says nothing does not keep the broker from ending.
                _ = try await AdminSocketPath(directory: data).withAddress { address in
                    try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                        .connect(unixDomainSocketPath: address).get()
                }
            }
            #expect(!FileManager.default.fileExists(atPath: socket))
            await #expect(throws: BrokerError.self) { try await control.perform(.show) }
        }
    }

    @Test func noBrokerHasItUnasked() async throws {
        try await withTemporaryDirectory { directory in
            try await withBroker(directory: directory) { _ in
                let names = try FileManager.default.contentsOfDirectory(atPath: directory)
                #expect(!names.contains(AdminSocketPath.fileName))
                await #expect(throws: BrokerError.self) {
                    try await BrokerClockControl(dataDirectory: directory).perform(.show)
                }
            }
        }
    }
}

import KafkaCoordination
import KafkaMessages
import Logging

/// What time brings about in the controller: brokers that are not heard of any more, leaders out of balance.
final class ControllerTimers: Sendable {
    private let driver: ControllerDriver
    private let clock: any BrokerClock
    private let logger: Logger
    private let sessionMs: Int64
    /// nil: leaders stay where they are.
    private let balanceMs: Int64?
    private let alarm = Alarm()

    /// - Parameter clock: the one that the driver's decisions go by; only differences count.
    init(_ driver: ControllerDriver, settings: Settings, clock: any BrokerClock, logger: Logger) {
        self.driver = driver
        self.clock = clock
        self.logger = logger
        sessionMs = settings.sessionMs
        balanceMs = settings.balanceMs
    }

    struct Settings: Sendable {
        var sessionMs: Int64
        var balanceMs: Int64?
    }

    func stop() { alarm.expire() }

    /// Works until `stop`. Must run where blocking is allowed.
    func run() async {
        var nextBalanceMs = balanceMs.map { clock.nowMs + $0 }
        while true {
            let nowMs = clock.nowMs
            let dueMs = min(
                driver.read { $0.nextFencingMs } ?? nowMs + sessionMs,
                nextBalanceMs ?? .max,
                nowMs + sessionMs
            )
            let call = clock.schedule(afterMs: max(1, dueMs - nowMs)) { [alarm] in alarm.ring() }
            let goesOn = await alarm.sleep()
            call.cancel()
            guard goesOn else { return }
            let wokenMs = clock.nowMs
            if wokenMs - dueMs > sessionMs / 2 {
                // This process stood still, and cannot know who was silent meanwhile.
                logger.warning("Controller stood still", metadata: ["ms": "\(wokenMs - dueMs)"])
                _ = perform { controller, nowMs in
                    controller.becameActive(nowMs: nowMs)
                    return ControllerResult(answer: 0)
                }
                continue
            }
            fence()
            if let due = nextBalanceMs, let balanceMs, due <= wokenMs {
                nextBalanceMs = wokenMs + balanceMs
                let moved = perform { controller, _ in controller.balanceLeaders() } ?? 0
                if moved > 0 { logger.info("Leaders were balanced", metadata: ["partitions": "\(moved)"]) }
            }
        }
    }

    private func fence() {
        let fenced = perform { controller, nowMs in controller.fenceSilentBrokers(nowMs: nowMs) } ?? []
        for id in fenced { logger.warning("Broker is fenced: no heartbeats", metadata: ["broker": "\(id)"]) }
    }

    private func perform<Answer: Sendable>(
        _ decide: (inout ClusterController, Int64) -> ControllerResult<Answer>
    ) -> Answer? {
        do throws(PartitionError) {
            return try driver.perform { decide(&$0, $1.nowMs) }
        } catch {
            logger.error("Metadata cannot be written", metadata: ["error": "\(error.message ?? error.code.name)"])
            return nil
        }
    }
}

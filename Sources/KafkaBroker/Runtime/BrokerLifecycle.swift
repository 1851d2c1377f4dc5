import KafkaCoordination
import KafkaMessages
import KafkaTransport
import KafkaWire
import Logging
import Synchronization

/// This broker's registration with a controller in another process: made at the start, kept by heartbeats, given back
/// when the broker stops (`replication.md`, section 6).
final class BrokerLifecycle: Sendable {
    private struct State {
        var isFenced = true
        var wantsToLeave = false
        var hasToldOfWaiting = false
        var reported: ErrorCode = .none
    }

    /// How long a stopping broker waits for others to take over.
    static let leavingPatienceMs: Int64 = 30_000

    private let registration: BrokerRegistrationRequest
    private let epoch: BrokerEpoch
    private let follower: MetadataFollower
    private let controllers: ControllerLink
    private let intervalMs: Int64
    /// Log directories that the registration names and that do not work any more.
    private let failedDirectories: @Sendable () -> [KafkaUUID]
    private let clock: any BrokerClock
    private let logger: Logger
    private let state = Mutex(State())
    private let alarm = Alarm()
    private let left = Alarm()

    init(
        _ registration: BrokerRegistrationRequest,
        epoch: BrokerEpoch,
        follower: MetadataFollower,
        controllers: ControllerLink,
        intervalMs: Int64,
        failedDirectories: @escaping @Sendable () -> [KafkaUUID],
        clock: any BrokerClock,
        logger: Logger
    ) {
        self.registration = registration
        self.epoch = epoch
        self.follower = follower
        self.controllers = controllers
        self.intervalMs = max(1, intervalMs)
        self.failedDirectories = failedDirectories
        self.clock = clock
        self.logger = logger
    }

    // MARK: Registering

    /// Registers this start of the broker, fenced. Waits while the controller takes it for a second one of its kind: the
    /// session of the start before has to end first.
    func register(before deadline: ContinuousClock.Instant) async throws(BrokerError) {
        var problem = "no answer"
        repeat {
            do {
                let response = try await controllers.connection().send(registration, timeout: controllers.patience)
                switch response.errorCode {
                case .none:
                    epoch.registered(response.brokerEpoch)
                    return
                case .duplicateBrokerRegistration, .notController, .requestTimedOut:
                    problem = response.errorCode.message
                default:
                    throw BrokerError(
                        .metadata,
                        "the controller at \(controllers) refuses to register broker \(registration.brokerId): "
                            + "\(response.errorCode.name): \(response.errorCode.message)"
                    )
                }
            } catch let error as BrokerError {
                throw error
            } catch {
                problem = "\(error)"
            }
            controllers.lookElsewhere()
        } while await pause(controllers.pauseMs) && ContinuousClock.now < deadline
        throw BrokerError(
            .metadata,
            "broker \(registration.brokerId) could not register with the controller at \(controllers): \(problem)"
        )
    }

    // MARK: Heartbeats

    /// Sends heartbeats until the controller lets this broker go, or `stop`.
    func run() async {
        while !follower.hasFailed {
            let step = await beat()
            if step == .leave { break }
            guard await pause(step == .soon ? min(intervalMs, 50) : intervalMs) else { break }
        }
        left.expire()
    }

    /// The metadata moved on, which a broker that wants to take part or to leave has to tell at once.
    func metadataChanged() {
        if state.withLock({ $0.isFenced || $0.wantsToLeave }) { alarm.ring() }
    }

    /// Asks the controller to give this broker's leaderships to others; returns when that is done, or when nobody can
    /// be asked any more. Who calls it again is in a hurry: that returns at once.
    func leave() async {
        let isUnderWay = state.withLock { state in
            defer { state.wantsToLeave = true }
            return state.wantsToLeave
        }
        guard !isUnderWay else { return }
        alarm.ring()
        let call = clock.schedule(afterMs: Self.leavingPatienceMs) { [left] in left.expire() }
        _ = await left.sleep()
        call.cancel()
        stop()
    }

    /// Ends `run` without a word to the controller.
    func stop() {
        alarm.expire()
        left.expire()
        controllers.close()
    }

    private enum Step {
        case goOn
        /// The answer was no, but will be yes in a moment.
        case soon
        case leave
    }

    private func beat() async -> Step {
        let wantsToLeave = state.withLock { $0.wantsToLeave }
        let request = BrokerHeartbeatRequest(
            brokerId: registration.brokerId,
            brokerEpoch: epoch.value,
            currentMetadataOffset: follower.appliedOffset,
            wantFence: false,
            wantShutDown: wantsToLeave,
            offlineLogDirs: failedDirectories()
        )
        do throws(ConnectionError) {
            let response = try await controllers.connection().send(request, timeout: controllers.patience)
            report(response.errorCode)
            guard response.errorCode == .none else { return wantsToLeave ? .leave : .goOn }
            noteFencing(response.isFenced)
            if wantsToLeave { return response.shouldShutDown ? .leave : .soon }
            return response.isFenced ? .soon : .goOn
        } catch {
            logger.debug("Heartbeat failed", metadata: ["error": "\(error)"])
            controllers.lookElsewhere()
            guard wantsToLeave else { return .soon }
            // Where nobody listens nobody can take over. An answer that is only late is waited for: a broker that left
            // without it would still be taken for the leader until its session ends.
            if error.isOfAbsence { return .leave }
            tellOfWaiting()
            return .soon
        }
    }

    private func noteFencing(_ isFenced: Bool) {
        let changed = state.withLock { state in
            defer { state.isFenced = isFenced }
            return state.isFenced != isFenced
        }
        guard changed else { return }
        logger.info(isFenced ? "Broker is fenced" : "Broker takes part", metadata: ["epoch": "\(epoch.value)"])
    }

    private func tellOfWaiting() {
        let isNews = state.withLock { state in
            defer { state.hasToldOfWaiting = true }
            return !state.hasToldOfWaiting
        }
        guard isNews else { return }
        logger.warning(
            "Controller does not answer; the broker waits for it before it leaves",
            metadata: ["forAtMost": "\(Self.leavingPatienceMs / 1000) s"]
        )
    }

    private func report(_ code: ErrorCode) {
        let isNews = state.withLock { state in
            defer { state.reported = code }
            return state.reported != code && code != .none
        }
        guard isNews else { return }
        logger.error("Controller refuses heartbeats", metadata: ["error": "\(code.name)"])
    }

    /// Waits; false when the broker stops.
    private func pause(_ ms: Int64) async -> Bool {
        let call = clock.schedule(afterMs: ms) { [alarm] in alarm.ring() }
        defer { call.cancel() }
        return await alarm.sleep()
    }
}

extension ConnectionError {
    /// There is no process at the address, or this side does not want the connection any more.
    fileprivate var isOfAbsence: Bool {
        switch self {
        case .refused, .nameNotFound, .unreachable, .cancelled, .closed(_, .byUs): true
        default: false
        }
    }
}

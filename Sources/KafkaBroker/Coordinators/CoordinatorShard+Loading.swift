import KafkaCoordination
import Logging
import Synchronization

extension CoordinatorShard {
    /// True once, when the log is loaded.
    func beginAttendance() -> Bool {
        state.withLock { state in
            guard case .active = state.phase, !state.isAttended else { return false }
            state.isAttended = true
            return true
        }
    }

    /// True once, when the log has to be loaded.
    func beginLoading() -> Bool {
        state.withLock { state in
            guard case .loading(hasBegun: false) = state.phase else { return false }
            state.phase = .loading(hasBegun: true)
            return true
        }
    }

    /// The log could not be read and is to be tried again.
    func allowLoading() {
        state.withLock { state in
            if case .loading = state.phase { state.phase = .loading(hasBegun: false) }
        }
        alarm.ring()
    }

    /// Replays the log; requests are refused until then. False when the log could not be read.
    func load(_ image: MetadataImage, using machine: Machine) -> Bool {
        var machine = machine
        var unreadable = 0
        let end: Int64
        do {
            end = try log.read { event in
                switch event {
                case .record(let record, let producerID):
                    do { try machine.replay(record, producerID: producerID) } catch { unreadable += 1 }
                case .endOfTransaction(let producerID, let isCommit):
                    machine.endTransaction(producerID: producerID, isCommit: isCommit)
                }
            }
        } catch {
            logger.error("Coordinator cannot load its partition", metadata: metadata("\(error)"))
            return false
        }
        if unreadable > 0 {
            logger.warning("Records were passed over", metadata: metadata("\(unreadable) records cannot be read"))
        }
        activate(machine, writtenOffset: end, image)
        return true
    }

    /// Takes over a machine that knows all of the log.
    func activate(_ machine: Machine, writtenOffset: Int64, _ image: MetadataImage) {
        let deliveries = state.withLock { state -> [Delivery] in
            guard case .loading = state.phase else { return [] }
            let nowMs = clock.nowMs
            state.machine = machine
            state.phase = .active
            state.writtenOffset = writtenOffset
            // The cluster may have changed while the log was read.
            let latest = state.newImage.flatMap { $0.offset > image.offset ? $0 : nil } ?? image
            let deliveries = run(state.machine.loaded(latest, nowMs: nowMs), &state, nowMs) { _ in }
            if state.newImage != nil { state.newImage = latest }
            return deliveries + tellNews(&state, nowMs)
        }
        for deliver in deliveries { deliver() }
    }
}

import KafkaMessages
import Synchronization

/// How an idempotent producer gets the number under which brokers know it.
extension Sender {
    /// Asks for a producer id, unless that is under way.
    func askForIdentity() {
        let isFirst = identityIsAskedFor.withLock { asked in
            defer { asked = true }
            return !asked
        }
        guard isFirst else { return }
        tasks.start {
            let result = await self.requestIdentity()
            self.identityIsAskedFor.withLock { $0 = false }
            self.state.withLock { state in
                switch result {
                case .success(let identity): state.accumulator.grant(identity)
                case .failure(let error): state.fail(error)
                }
            }
            self.signal.notify()
        }
    }

    /// Asks until a broker answers; only an answer that no repetition can change is a failure.
    private func requestIdentity() async -> Result<ProducerIdentity, KafkaClientError> {
        var request = InitProducerIdRequest()
        request.transactionalId = nil
        request.transactionTimeoutMs = .max
        var failures = 0
        while true {
            do throws(KafkaClientError) {
                let response = try await cluster.call(request, deadline: Deadline(ms: .max)) {
                    (answer) throws(KafkaClientError) in
                    guard answer.errorCode != .none else { return }
                    let what = "No producer id was given, which an idempotent producer needs"
                    throw KafkaClientError(what, answer.errorCode)
                }
                return .success(ProducerIdentity(id: response.producerId, epoch: response.producerEpoch))
            } catch {
                failures += 1
                let mayPass = error.code == .connectionFailed || error.code == .timedOut
                guard mayPass, await cluster.sleep(backoff.pause(afterFailures: failures), deadline: Deadline(ms: .max))
                else { return .failure(explained(error)) }
            }
        }
    }

    private func explained(_ error: KafkaClientError) -> KafkaClientError {
        guard error.code == .unsupportedByBroker else { return error }
        return KafkaClientError(
            .unsupportedByBroker,
            "The broker knows no idempotent producers; set enable.idempotence=false. \(error.message)",
            cause: error
        )
    }
}

import Glibc
import KafkaClient
import Synchronization

/// Counts what became of records, and tells about the first failures.
final class DeliveryTally: Sendable {
    private struct State {
        var delivered = 0
        var failed = 0
        var told = 0
        var firstFailure: String?
    }

    /// After so many messages the rest is only counted: a broker that is down must not fill a terminal.
    private static let messageLimit = 10

    private let state = Mutex(State())
    private let errors: any ByteSink

    init(errors: any ByteSink) { self.errors = errors }

    var failed: Int { state.withLock { $0.failed } }
    var total: Int { state.withLock { $0.delivered + $0.failed } }
    var firstFailure: String? { state.withLock { $0.firstFailure } }

    /// What the producer says of a batch; called on its threads.
    func take(_ report: DeliveryReport) {
        switch report.baseOffset {
        case .success: state.withLock { $0.delivered += report.recordCount }
        case .failure(let error):
            let records = report.recordCount == 1 ? "A record" : "\(report.recordCount) records"
            fail(report.recordCount, "\(records) for \(report.topic)-\(report.partition) lost: \(error.message)")
        }
    }

    /// A record that the producer did not take.
    func refuse(_ error: KafkaClientError, topic: String, keyCount: Int?, valueCount: Int?) {
        func size(_ count: Int?) -> String { count.map { "\($0) bytes" } ?? "null" }
        let what = "A record for \(topic) (key: \(size(keyCount)), value: \(size(valueCount)))"
        fail(1, "\(what) was not sent: \(error.message)")
    }

    private func fail(_ count: Int, _ message: String) {
        let isTold = state.withLock { state in
            state.failed += count
            if state.firstFailure == nil { state.firstFailure = message }
            state.told += 1
            return state.told <= Self.messageLimit
        }
        guard isTold else { return }
        "\(message)\n".withBytes { try? errors.write($0) }
    }
}

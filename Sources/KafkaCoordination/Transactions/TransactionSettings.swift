/// The broker's configs that concern transactions.
package struct TransactionSettings: Equatable, Sendable {
    /// `transaction.max.timeout.ms`.
    package var maxTimeoutMs: Int32 = 900_000
    /// `transactional.id.expiration.ms`.
    package var idExpirationMs: Int64 = 604_800_000
    /// `transaction.abort.timed.out.transaction.cleanup.interval.ms`.
    package var abortIntervalMs: Int64 = 10_000
    /// `transaction.remove.expired.transaction.cleanup.interval.ms`.
    package var expiryIntervalMs: Int64 = 3_600_000
    /// The finalized level of the feature `transaction.version`.
    package var transactionVersion: Int16 = 2

    package init() {}

    package init(_ resolver: ConfigResolver) {
        let integer = { (name: String, fallback: Int64) in
            resolver.brokerValue(name).flatMap { Int64($0.trimmingBlanks()) } ?? fallback
        }
        maxTimeoutMs = Int32(clamping: integer("transaction.max.timeout.ms", 900_000))
        idExpirationMs = integer("transactional.id.expiration.ms", idExpirationMs)
        abortIntervalMs = integer("transaction.abort.timed.out.transaction.cleanup.interval.ms", abortIntervalMs)
        expiryIntervalMs = integer("transaction.remove.expired.transaction.cleanup.interval.ms", expiryIntervalMs)
    }
}

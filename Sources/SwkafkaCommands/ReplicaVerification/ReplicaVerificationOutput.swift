import KafkaClient

/// What `replica-verification` prints: the lines of Kafka's script.
struct ReplicaVerificationOutput {
    private let dates: JavaDateFormat

    init() throws(CommandFailure) { dates = try JavaDateFormat("yyyy-MM-dd HH:mm:ss,SSS") }

    func start(nowMs: Int64) -> String { line("verification process is started", nowMs) }

    func lag(_ lag: ReplicaComparison.Lag?, partitions: Int, nowMs: Int64) -> String {
        let partition = lag.map { "\($0.partition)" } ?? "null"
        return line(
            "max lag is \(lag?.records ?? -1) for partition \(partition) at offset \(lag?.offset ?? -1) among "
                + "\(partitions) partitions",
            nowMs
        )
    }

    /// The line for a finding; nil for one that Kafka's script does not tell on standard output.
    func text(_ finding: ReplicaComparison.Finding, nowMs: Int64) -> String? {
        switch finding {
        case .offsets(let partition, let first, let other):
            line(
                "partition \(partition): replica \(first.replica)'s offset \(first.value) doesn't match replica "
                    + "\(other.replica)'s offset \(other.value)",
                nowMs
            )
        case .checksums(let partition, let offset, let first, let other):
            line(
                "partition \(partition) has unmatched checksum at offset \(offset); replica \(first.replica)'s checksum "
                    + "\(first.value); replica \(other.replica)'s checksum \(other.value)",
                nowMs
            )
        case .damage: nil
        }
    }

    /// What is said on standard error about a finding.
    static func talk(_ finding: ReplicaComparison.Finding) -> String? {
        switch finding {
        case .damage(let partition, let offset, let replica, nil):
            "The copy of \(partition) on broker \(replica) is damaged: the batch that ends at offset \(offset) does not fit "
                + "its own checksum.\n"
        case .damage(let partition, let offset, let replica, let reason?):
            "The copy of \(partition) on broker \(replica) cannot be read from offset \(offset) on: \(reason). "
                + "Nothing behind it is compared.\n"
        case .offsets(let partition, _, _):
            "The copies of \(partition) are cut into batches differently, so nothing behind that can be compared. On a "
                + "topic that is compacted this may be no fault: replicas clean their copies each by themselves.\n"
        case .checksums: nil
        }
    }

    /// What is said on standard error when everything has been compared.
    static func verdict(_ differences: Int, of partitions: Int) -> String {
        let what = "The copies of \(Confirmation.count(partitions, "partition"))"
        guard differences > 0 else { return "\(what) are the same.\n" }
        return "\(what) differ at \(Confirmation.count(differences, "offset")).\n"
    }

    private func line(_ text: String, _ nowMs: Int64) -> String { "\(dates.text(nowMs)): \(text)\n" }
}

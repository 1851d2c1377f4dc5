/// What a check of files has looked at and found.
package struct VerificationReport: Equatable, Sendable {
    package var partitions = 0
    package var segments = 0
    package var batches = 0
    package var records = 0
    /// Bytes of batches that were read.
    package var bytes: Int64 = 0
    package private(set) var findings: [Finding] = []
    /// Faults in all, those included that are not among ``findings``.
    package private(set) var faultCount = 0
    /// Findings that were not kept because there were too many.
    package private(set) var omitted = 0

    /// A file that is one fault from end to end must not fill the memory.
    private static let mostFindings = 1000

    package init() {}

    package var isClean: Bool { faultCount == 0 }

    package mutating func add(_ finding: Finding) {
        if finding.isFault { faultCount += 1 }
        if findings.count < Self.mostFindings { findings.append(finding) } else { omitted += 1 }
    }

    /// Takes in what another check found.
    package mutating func merge(_ other: VerificationReport) {
        partitions += other.partitions
        segments += other.segments
        batches += other.batches
        records += other.records
        bytes += other.bytes
        findings += other.findings
        faultCount += other.faultCount
        omitted += other.omitted
    }
}

import Glibc
import KafkaStorage

/// What `log verify` prints.
enum LogVerifyOutput {
    static func text(_ report: VerificationReport) -> String {
        report.findings.map { line($0) + "\n" }.joined() + summary(report)
    }

    private static func line(_ finding: Finding) -> String {
        var text = finding.isFault ? "" : "note: "
        text += finding.path
        var place: [String] = []
        if let position = finding.position { place.append("byte \(position)") }
        if let offset = finding.offset { place.append("offset \(offset)") }
        if !place.isEmpty { text += ": " + place.joined(separator: ", ") }
        return text + ": " + finding.message
    }

    private static func summary(_ report: VerificationReport) -> String {
        let looked =
            "\(count(report.partitions, "partition")), \(count(report.segments, "segment")), "
            + "\(count(report.batches, "batch", "batches")), \(count(report.records, "record")), \(report.bytes) bytes"
        let omitted = report.omitted > 0 ? "\(count(report.omitted, "finding")) more not listed.\n" : ""
        return omitted + looked + ": " + (report.isClean ? "clean" : count(report.faultCount, "fault")) + "\n"
    }

    private static func count(_ number: Int, _ one: String, _ many: String? = nil) -> String {
        "\(number) \(number == 1 ? one : many ?? one + "s")"
    }

    static func table(_ report: VerificationReport, colour: Bool) -> String {
        guard !report.findings.isEmpty else { return summary(report) }
        var table = TextTable([.left("FILE"), .right("BYTE"), .right("OFFSET"), .left("KIND"), .left("FINDING")])
        for finding in report.findings {
            table.add([
                .init(finding.path), .init(finding.position.map(String.init) ?? "-"),
                .init(finding.offset.map(String.init) ?? "-"),
                .init(finding.isFault ? finding.kind.rawValue : "note", finding.isFault ? .red : .dim),
                .init(finding.message),
            ])
        }
        return table.text(colour: colour) + "\n" + summary(report)
    }

    static func value(_ report: VerificationReport, path: String) -> DataValue {
        let items = { (isFault: Bool) -> DataValue in
            .array(report.findings.filter { $0.isFault == isFault }.map(value))
        }
        return .members([
            "path": .string(path), "clean": .bool(report.isClean), "partitions": .number(report.partitions),
            "segments": .number(report.segments), "batches": .number(report.batches),
            "records": .number(report.records), "bytes": .number(report.bytes),
            "faultCount": .number(report.faultCount), "omitted": .number(report.omitted), "faults": items(true),
            "notes": items(false),
        ])
    }

    private static func value(_ finding: Finding) -> DataValue {
        .members([
            "file": .string(finding.path), "position": .optional(finding.position),
            "offset": .optional(finding.offset), "kind": .string(finding.kind.rawValue),
            "message": .string(finding.message),
        ])
    }

    /// For the human who waited.
    static func speed(_ report: VerificationReport, elapsedMs: Int64) -> String {
        let rate = report.bytes / max(1, elapsedMs) / 1000
        return "Read \(report.bytes) bytes in \(elapsedMs) ms (\(rate) MB/s).\n"
    }
}

/// How many processors this process may use.
func processorCount() -> Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

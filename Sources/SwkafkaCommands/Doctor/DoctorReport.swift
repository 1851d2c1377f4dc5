/// What `doctor` prints.
struct DoctorReport {
    let findings: [Checkup]

    /// Whether clients can work.
    var isHealthy: Bool { !findings.contains { $0.verdict == .failure } }

    /// The steps under their subjects, then each fault with its remedy.
    func text(colour: Bool) -> String {
        var text = ""
        var subject: String?
        let width = findings.map(\.step.count).max() ?? 0
        for finding in findings {
            if finding.subject != subject {
                subject = finding.subject
                text += Paint.bold.apply(finding.subject, colour: colour) + "\n"
            }
            let padding = String(repeating: " ", count: width - finding.step.count)
            let word = Self.word(finding.verdict)
            text += "  \(word.paint.apply(word.text, colour: colour))  \(finding.step)\(padding)  \(finding.detail)"
            if let elapsed = finding.elapsed { text += " (\(Self.milliseconds(elapsed)) ms)" }
            text += "\n"
        }
        return text + "\n" + diagnoses(colour: colour)
    }

    private func diagnoses(colour: Bool) -> String {
        let faults = findings.filter { $0.diagnosis != nil }
        guard !faults.isEmpty else { return "No fault found: clients can work from here.\n" }
        var text = ""
        for (number, fault) in faults.enumerated() {
            text += "\(number + 1). \(fault.diagnosis ?? "")\n"
            if let remedy = fault.remedy { text += "   \(Paint.bold.apply("To do:", colour: colour)) \(remedy)\n" }
        }
        if isHealthy { text += "Clients can work from here all the same.\n" }
        return text
    }

    func table(colour: Bool) -> String {
        var table = TextTable([.left("SUBJECT"), .left("STEP"), .left("VERDICT"), .right("MS"), .left("DETAIL")])
        for finding in findings {
            let word = Self.word(finding.verdict)
            table.add([
                .init(finding.subject), .init(finding.step), .init(finding.verdict.rawValue, word.paint),
                .init(finding.elapsed.map(Self.milliseconds) ?? ""), .init(finding.diagnosis ?? finding.detail),
            ])
        }
        return table.text(colour: colour)
    }

    var value: DataValue {
        .members([
            "healthy": .bool(isHealthy),
            "findings": .array(
                findings.map { finding in
                    .members([
                        "step": .string(finding.step), "subject": .string(finding.subject),
                        "verdict": .string(finding.verdict.rawValue), "detail": .string(finding.detail),
                        "milliseconds": finding.elapsed.map { .double(Self.tenths($0)) } ?? .null,
                        "diagnosis": .optional(finding.diagnosis), "remedy": .optional(finding.remedy),
                    ])
                }
            ),
        ])
    }

    private static func word(_ verdict: Checkup.Verdict) -> (text: String, paint: Paint) {
        switch verdict {
        case .ok: ("ok  ", .green)
        case .warning: ("warn", .yellow)
        case .failure: ("FAIL", .red)
        }
    }

    private static func milliseconds(_ time: Duration) -> String { "\(tenths(time))" }

    /// Milliseconds, to a tenth.
    private static func tenths(_ time: Duration) -> Double { (time / .microseconds(100)).rounded() / 10 }
}

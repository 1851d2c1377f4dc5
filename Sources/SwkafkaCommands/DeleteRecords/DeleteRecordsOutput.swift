/// What `delete-records` prints.
enum DeleteRecordsOutput {
    enum Outcome: Equatable {
        case lowWatermark(Int64)
        case error(String)
    }

    static let heading = "Executing records delete operation\n"
    static let completed = "Records delete operation completed:\n"

    static func line(_ target: DeleteRecordsTarget, _ outcome: Outcome) -> String {
        let partition = "partition: \(target.topic)-\(target.partition)"
        switch outcome {
        case .lowWatermark(let offset): return "\(partition)\tlow_watermark: \(offset)\n"
        case .error(let text): return "\(partition)\terror: \(text)\n"
        }
    }
}

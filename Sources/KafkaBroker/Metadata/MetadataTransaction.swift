import KafkaMessages

/// Holds back the records of a metadata transaction (KIP-868) until it ends, and drops those of one that was aborted.
struct MetadataTransaction {
    private var held: [(record: MetadataRecord, offset: Int64)]?

    /// A transaction has begun and not ended.
    var isOpen: Bool { held != nil }

    /// Takes in the next record of the log; returns those that take effect now.
    mutating func take(_ record: MetadataRecord, at offset: Int64) -> [(record: MetadataRecord, offset: Int64)] {
        switch record {
        case .beginTransaction:
            // A controller that failed in the middle leaves one without an end; its records are void.
            held = []
            return []
        case .endTransaction:
            defer { held = nil }
            return held ?? []
        case .abortTransaction:
            held = nil
            return []
        default:
            guard held != nil else { return [(record, offset)] }
            held?.append((record, offset))
            return []
        }
    }
}

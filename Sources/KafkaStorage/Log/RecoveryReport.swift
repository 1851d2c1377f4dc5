/// What had to be repaired when a log was opened.
package struct RecoveryReport: Equatable, Sendable, CustomStringConvertible {
    /// A file that was cut at the first batch that is not whole and valid.
    package struct Cut: Equatable, Sendable {
        package let path: String
        /// Bytes kept.
        package let position: Int64
        /// Bytes removed.
        package let removedBytes: Int64
        package let reason: String
    }

    package var cuts: [Cut] = []
    /// Base offsets of segments whose batches were read and whose indexes were rebuilt.
    package var recoveredSegments: [Int64] = []
    /// Base offsets of segments that were removed because the log was cut before them.
    package var removedSegments: [Int64] = []
    /// Other files that were removed or ignored, with the reason.
    package var notes: [String] = []

    package var isEmpty: Bool { self == RecoveryReport() }

    package var description: String {
        var parts = cuts.map {
            "cut \($0.path) at byte \($0.position), \($0.removedBytes) bytes removed: \($0.reason)"
        }
        if !removedSegments.isEmpty {
            parts.append("removed segments \(removedSegments.map(String.init).joined(separator: ", ")) after the cut")
        }
        if !recoveredSegments.isEmpty {
            parts.append("read segments \(recoveredSegments.map(String.init).joined(separator: ", "))")
        }
        return (parts + notes).joined(separator: "; ")
    }
}

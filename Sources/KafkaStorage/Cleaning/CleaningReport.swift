/// What a cleaning has done.
package struct CleaningReport: Equatable, Sendable {
    /// The next cleaning begins here.
    package var endOffset: Int64 = 0
    /// Bytes read to find the newest record of each key.
    package var mappedBytes: Int64 = 0
    package var keys = 0
    /// Bytes and records of the segments that were read to be written anew.
    package var readBytes: Int64 = 0
    package var readRecords: Int64 = 0
    /// What of them is left.
    package var keptBytes: Int64 = 0
    package var keptRecords: Int64 = 0
    package var segmentsBefore = 0
    package var segmentsAfter = 0
}

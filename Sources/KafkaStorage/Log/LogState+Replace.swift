extension LogState {
    /// Puts a cleaned segment, whose files are complete and durable under names with `.cleaned`, in the place of the
    /// segments of `range`, the first of which has the same base offset.
    ///
    /// A crash at any point leaves the old or the new segments: until all files have `.swap` names the old ones count,
    /// from then on opening the log completes the exchange (see ``LeftoverFiles``). When it throws, the log is as it
    /// was, or refuses appends until it is opened again.
    mutating func replace(
        _ range: Range<Int>,
        with cleaned: Segment,
        nowMs: Int64,
        _ fileSystem: any FileSystem
    ) throws(StorageError) {
        do throws(StorageError) {
            // The log file goes first and, when the exchange is given up, last: index files alone mean nothing.
            try rename(cleaned, from: LogFileName.cleaned, to: LogFileName.swap, fileSystem)
        } catch {
            if !Self.discard(cleaned, fileSystem) { failure = error.halfway }
            throw error
        }
        do throws(StorageError) {
            for segment in segments[range] {
                let staysInUse = segment.baseOffset == cleaned.baseOffset
                try hide(segment, withSnapshot: !staysInUse, nowMs: nowMs, fileSystem)
            }
            try rename(cleaned, from: LogFileName.swap, to: "", fileSystem)
        } catch {
            failure = error.halfway
            throw error
        }
        segments.replaceSubrange(range, with: [cleaned.settled()])
        directoryDirty = true
    }

    private func rename(
        _ segment: Segment,
        from suffix: String,
        to newSuffix: String,
        _ fileSystem: any FileSystem
    ) throws(StorageError) {
        for kind in LogFileName.segmentSuffixes {
            if kind == LogFileName.transactionIndex && !segment.transactionIndex.fileExists { continue }
            let path = Segment.path(segment.directory, segment.baseOffset, kind)
            try fileSystem.rename(path + suffix, to: path + newSuffix)
        }
    }

    /// Removes what there is of a segment that is not part of the log. False if that is not possible.
    static func discard(_ segment: Segment, _ fileSystem: any FileSystem) -> Bool {
        var isGone = true
        for kind in LogFileName.segmentSuffixes.reversed() {
            let path = Segment.path(segment.directory, segment.baseOffset, kind)
            for suffix in [LogFileName.cleaned, LogFileName.swap] {
                do throws(StorageError) {
                    try fileSystem.removeIfPresent(path + suffix)
                } catch {
                    isGone = false
                }
            }
        }
        return isGone
    }
}

extension StorageError {
    /// What appends answer after an exchange of segments that stopped halfway.
    fileprivate var halfway: StorageError {
        StorageError(
            kind: .offline,
            operation: "append to",
            path: path,
            reason: "the exchange of cleaned segments stopped halfway: \(reason)",
            remedy: "restart the broker so that the log is recovered"
        )
    }
}

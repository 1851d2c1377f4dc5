/// Which segments next to each other become one; pure.
///
/// As cleaning makes segments smaller, neighbours are merged as long as what they hold now fits into one segment.
enum SegmentGroups {
    struct Candidate: Equatable {
        let baseOffset: Int64
        /// Exclusive.
        let endOffset: Int64
        let size: Int64
        let offsetIndexBytes: Int
        let timeIndexBytes: Int
    }

    /// Ranges of indexes into `segments` that cover it in order.
    static func make(_ segments: [Candidate], config: LogConfig) -> [Range<Int>] {
        var groups: [Range<Int>] = []
        var first = 0
        var (size, offsets, times): (Int64, Int, Int) = (0, 0, 0)
        for (index, segment) in segments.enumerated() {
            let fits =
                size + segment.size <= config.segmentBytes
                && offsets + segment.offsetIndexBytes <= config.segmentIndexBytes
                && times + segment.timeIndexBytes <= config.segmentIndexBytes
                && segment.endOffset - 1 - segments[first].baseOffset <= Int64(Int32.max)
            if index > first && !fits {
                groups.append(first..<index)
                first = index
                (size, offsets, times) = (0, 0, 0)
            }
            size += segment.size
            offsets += segment.offsetIndexBytes
            times += segment.timeIndexBytes
        }
        if first < segments.count { groups.append(first..<segments.count) }
        return groups
    }
}

/// Finds what somebody meant who mistyped a word.
enum NearestWord {
    /// The candidate with the fewest edits from `word`; nil when none is near enough to be a likely slip.
    static func of(_ word: String, in candidates: some Sequence<String>) -> String? {
        let limit = max(1, word.count / 3)
        var best: (candidate: String, distance: Int)?
        for candidate in candidates {
            let distance = editDistance(Array(word.utf8), Array(candidate.utf8))
            if distance <= limit, distance < best?.distance ?? .max { best = (candidate, distance) }
        }
        if let best { return best.candidate }
        return candidates.first { !word.isEmpty && $0.hasPrefix(word) }
    }

    /// Damerau-Levenshtein distance (optimal string alignment) of two short words.
    static func editDistance(_ first: [UInt8], _ second: [UInt8]) -> Int {
        var beforeLast = [Int](repeating: 0, count: second.count + 1)
        var last = Array(0...second.count)
        for row in first.indices {
            var current = [row + 1] + [Int](repeating: 0, count: second.count)
            for column in second.indices {
                let cost = first[row] == second[column] ? 0 : 1
                var distance = min(last[column + 1] + 1, current[column] + 1, last[column] + cost)
                if row > 0, column > 0, first[row] == second[column - 1], first[row - 1] == second[column] {
                    distance = min(distance, beforeLast[column - 1] + 1)
                }
                current[column + 1] = distance
            }
            beforeLast = last
            last = current
        }
        return last[second.count]
    }
}

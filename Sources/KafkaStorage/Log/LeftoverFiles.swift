import KafkaWire

/// Files that an interrupted deletion, cleaning or split has left in a partition's folder.
struct LeftoverFiles {
    let directory: String
    let fileSystem: any FileSystem

    /// Removes what was to be removed, drops unfinished replacements, and completes finished ones.
    func tidy(_ names: [String]) throws(StorageError) {
        var cleanedBases: [Int64] = []
        var swaps: [(name: String, offset: Int64)] = []
        for name in names {
            if name.hasSuffix(LogFileName.deleted) {
                // Metadata snapshots under this name belong to the quorum, which removes them itself.
                if !name.hasSuffix(".checkpoint" + LogFileName.deleted) { try remove(name) }
            } else if name.hasSuffix(LogFileName.cleaned) {
                if let file = LogFileName.parse(name) { cleanedBases.append(file.offset) }
                try remove(name)
            } else if name.hasSuffix(LogFileName.swap), let file = LogFileName.parse(name) {
                swaps.append((name, file.offset))
            }
        }
        // A swap file at or above a cleaned one is part of a split that was not finished.
        if let unfinished = cleanedBases.min() {
            for swap in swaps where swap.offset >= unfinished { try remove(swap.name) }
            swaps.removeAll { $0.offset >= unfinished }
        }
        try complete(swaps, names: names)
    }

    /// The swap files replace all segments from their first offset to their last one.
    private func complete(_ swaps: [(name: String, offset: Int64)], names: [String]) throws(StorageError) {
        guard let first = swaps.map(\.offset).min() else { return }
        var end = first
        for swap in swaps where swap.name.hasSuffix(LogFileName.log + LogFileName.swap) {
            let path = "\(directory)/\(swap.name)"
            let size = try fileSystem.status(path)?.size ?? 0
            let file = try fileSystem.open(path, mode: .readOnly)
            var cursor = BatchCursor(file: file, path: path, from: 0, to: size)
            while let batch = try cursor.next() { end = max(end, batch.header.nextOffset) }
        }
        for name in names {
            guard let file = LogFileName.parse(name), LogFileName.segmentSuffixes.contains(String(file.suffix)),
                file.offset >= first, file.offset < max(end, first + 1)
            else { continue }
            try remove(name)
        }
        for swap in swaps {
            let target = String(swap.name.dropLast(LogFileName.swap.count))
            try fileSystem.rename("\(directory)/\(swap.name)", to: "\(directory)/\(target)")
        }
        try fileSystem.synchronizeDirectory(directory)
    }

    private func remove(_ name: String) throws(StorageError) {
        try fileSystem.removeIfPresent("\(directory)/\(name)")
    }
}

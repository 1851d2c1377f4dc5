import KafkaWire

/// Files that an interrupted deletion, cleaning or split has left in a partition's folder.
struct LeftoverFiles {
    let directory: String
    let fileSystem: any FileSystem

    /// Removes what was to be removed, drops unfinished replacements, and completes finished ones. A crash in here
    /// changes nothing of what comes out in the end.
    func tidy(_ names: [String]) throws(StorageError) {
        var cleaned: [(name: String, offset: Int64)] = []
        var swaps: [(name: String, offset: Int64)] = []
        for name in names {
            if name.hasSuffix(LogFileName.deleted) {
                // Metadata snapshots under this name belong to the quorum, which removes them itself.
                if !name.hasSuffix(".checkpoint" + LogFileName.deleted) { try remove(name) }
            } else if let file = LogFileName.parse(name) {
                if name.hasSuffix(LogFileName.cleaned) { cleaned.append((name, file.offset)) }
                if name.hasSuffix(LogFileName.swap) { swaps.append((name, file.offset)) }
            } else if name.hasSuffix(LogFileName.cleaned) {
                try remove(name)
            }
        }
        let logSwap = LogFileName.log + LogFileName.swap
        let unfinished = cleaned.map(\.offset).min() ?? .max
        let replacing = Set(swaps.filter { $0.name.hasSuffix(logSwap) && $0.offset < unfinished }.map(\.offset))
        // A swap file at or above a cleaned one is part of a replacement that was not finished. An index without its
        // log may belong to the old log or to the new one: it is built anew. Log files go last: without them the others
        // mean nothing.
        let dropped = swaps.filter { !replacing.contains($0.offset) }
        for swap in dropped where !swap.name.hasSuffix(logSwap) { try remove(swap.name) }
        for swap in dropped where swap.name.hasSuffix(logSwap) { try remove(swap.name) }
        for file in cleaned { try remove(file.name) }
        try complete(swaps.filter { replacing.contains($0.offset) }.map(\.name), names: names)
    }

    /// Lets the swap files replace all segments from their first offset to their last one.
    private func complete(_ swaps: [String], names: [String]) throws(StorageError) {
        let logs = swaps.filter { $0.hasSuffix(LogFileName.log + LogFileName.swap) }
        guard let first = logs.compactMap({ LogFileName.parse($0)?.offset }).min() else { return }
        var end = first
        for name in logs {
            let path = "\(directory)/\(name)"
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
        // Log files first: once they have their names, what is left of this can be built anew.
        for name in logs + swaps.filter({ !logs.contains($0) }) {
            let target = String(name.dropLast(LogFileName.swap.count))
            try fileSystem.rename("\(directory)/\(name)", to: "\(directory)/\(target)")
        }
        try fileSystem.synchronizeDirectory(directory)
    }

    private func remove(_ name: String) throws(StorageError) {
        try fileSystem.removeIfPresent("\(directory)/\(name)")
    }
}

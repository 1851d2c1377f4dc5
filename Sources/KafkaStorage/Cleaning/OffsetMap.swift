import Glibc

/// The newest offset of each key in the dirty part of a log, in memory of a fixed size.
///
/// A table of 24-byte slots (digest and offset) with linear probing. It is filled to a part of its slots only, so that
/// probes stay short; when it is full the caller cleans up to where it came.
final class OffsetMap {
    private struct Slot {
        var digest: KeyDigest
        /// Plus one; 0 marks a free slot.
        var offset: Int64
    }

    static let bytesPerSlot = MemoryLayout<Slot>.stride

    /// So many keys fit.
    let limit: Int
    private(set) var count = 0
    /// The newest offset that was looked at for the map, -1 for none. Nothing is known of records beyond it.
    var latestOffset: Int64 = -1
    private let secret: KeyDigest.Secret
    private let slots: UnsafeMutablePointer<Slot>
    private let slotCount: Int

    /// - Parameters:
    ///   - keys: the most keys that there can be; the map is no larger than needed for them.
    ///   - bytes: the most memory that it may take; one key fits in any case.
    ///   - loadFactor: part of the slots that may be used, above 0 and below 1.
    init(keys: Int64, bytes: Int, loadFactor: Double, secret: KeyDigest.Secret = .init()) throws(StorageError) {
        let loadFactor = min(max(loadFactor, 0.01), 0.99)
        let affordable = max(2, bytes / Self.bytesPerSlot)
        let wanted = Double(max(1, keys)) / loadFactor + 2
        slotCount = wanted >= Double(affordable) ? affordable : Int(wanted)
        limit = max(1, Int(Double(slotCount) * loadFactor))
        self.secret = secret
        // Pages that no key falls on are never touched.
        guard let memory = calloc(slotCount, Self.bytesPerSlot) else {
            throw .system(ENOMEM, operation: "make the key table of", path: "the log cleaner")
        }
        slots = memory.bindMemory(to: Slot.self, capacity: slotCount)
    }

    deinit { free(slots) }

    var isFull: Bool { count >= limit }

    /// Notes that `key` has a record at `offset`, which is newer than all before. False if there is no room for one
    /// more key.
    func put(_ key: UnsafeRawBufferPointer, offset: Int64) -> Bool {
        let digest = KeyDigest(key, secret: secret)
        let slot = slot(of: digest)
        if slots[slot].offset == 0 {
            guard !isFull else { return false }
            count += 1
            slots[slot].digest = digest
        }
        slots[slot].offset = offset + 1
        return true
    }

    /// The newest offset of `key`, -1 if the map does not have it.
    func offset(of key: UnsafeRawBufferPointer) -> Int64 {
        slots[slot(of: KeyDigest(key, secret: secret))].offset - 1
    }

    /// Where `digest` stands, or the free slot where it would. There is always a free one.
    private func slot(of digest: KeyDigest) -> Int {
        var slot = Int(truncatingIfNeeded: digest.low.multipliedFullWidth(by: UInt64(slotCount)).high)
        while slots[slot].offset != 0, slots[slot].digest != digest {
            slot += 1
            if slot == slotCount { slot = 0 }
        }
        return slot
    }
}

import Glibc

/// The size of the volume that holds a path.
struct VolumeSpace {
    /// In bytes.
    let total: Int64
    /// Bytes that this user may still fill.
    let usable: Int64

    init?(path: String) {
        var facts = statvfs()
        guard statvfs(path, &facts) == 0 else { return nil }
        total = Int64(clamping: UInt64(facts.f_blocks) &* UInt64(facts.f_frsize))
        usable = Int64(clamping: UInt64(facts.f_bavail) &* UInt64(facts.f_frsize))
    }
}

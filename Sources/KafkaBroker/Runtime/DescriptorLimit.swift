import Glibc

/// The number of files and sockets that this process may have open.
enum DescriptorLimit {
    /// Asks for as many as the system grants without privileges: every connection and every partition in use needs one.
    static func raise() {
        var limit = rlimit()
        let files = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        guard getrlimit(files, &limit) == 0, limit.rlim_cur < limit.rlim_max else { return }
        limit.rlim_cur = limit.rlim_max
        // Refused, the broker works within the lower limit.
        _ = setrlimit(files, &limit)
    }
}

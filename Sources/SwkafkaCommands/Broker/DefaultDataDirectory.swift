/// Where a broker that was not told otherwise keeps its data. Kafka's own default is below /tmp, which loses everything
/// at the next start of the machine.
enum DefaultDataDirectory {
    /// nil when the environment names no place for the user's data.
    static func path(_ environment: [String: String]) -> String? {
        if let data = environment["XDG_DATA_HOME"], data.hasPrefix("/") { return data + "/swkafka" }
        return environment["HOME"].map { $0 + "/.local/share/swkafka" }
    }
}

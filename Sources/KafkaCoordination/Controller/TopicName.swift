/// The rules for a topic's name.
package enum TopicName {
    /// Longest name in bytes: a directory name also holds the partition number and a suffix.
    package static let maximumLength = 249

    /// The log of the cluster's metadata: not a topic that clients may create, delete or change.
    package static let clusterMetadata = "__cluster_metadata"

    /// Topics that only coordinators write to.
    package static let `internal`: Set<String> = ["__consumer_offsets", "__transaction_state", "__share_group_state"]

    /// What is wrong with `name`, or nil when it may be used.
    package static func problem(with name: String) -> String? {
        if name.isEmpty { return "Topic name is invalid: the empty string is not allowed" }
        if name == "." || name == ".." { return "Topic name is invalid: '\(name)' is not allowed" }
        if name.utf8.count > maximumLength {
            return
                "Topic name is invalid: the length of '\(name)' is longer than the max allowed length \(maximumLength)"
        }
        guard name.utf8.allSatisfy(isLegal) else {
            return "Topic name is invalid: '\(name)' contains one or more characters other than ASCII alphanumerics, "
                + "'.', '_' and '-'"
        }
        return nil
    }

    /// The form in which two names must differ: metric names turn dots into underscores.
    package static func collisionForm(of name: String) -> String {
        String(name.map { $0 == "." ? "_" : $0 })
    }

    private static func isLegal(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}

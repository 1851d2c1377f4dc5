import KafkaTransport

/// Property files named on the command line.
enum PropertyFiles {
    /// The pairs of a Java property file.
    static func read(_ path: String) throws(CommandFailure) -> [String: String] {
        do throws(JavaPropertiesError) {
            return try JavaProperties(contentsOf: path).values
        } catch {
            throw CommandFailure("Cannot use the property file \(path): \(error.description).")
        }
    }
}

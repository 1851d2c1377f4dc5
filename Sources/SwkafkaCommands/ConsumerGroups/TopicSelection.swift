/// A topic and which of its partitions: `orders`, or `orders:0,2`.
struct TopicSelection: Equatable {
    var topic: String
    /// nil for all.
    var partitions: [Int32]?

    init(_ text: String) throws(CommandFailure) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count <= 2, !parts[0].isEmpty else {
            throw CommandFailure("Invalid topic arg '\(text)', expected topic name and partitions", status: .usage)
        }
        topic = String(parts[0])
        guard parts.count == 2 else { return }
        var numbers: [Int32] = []
        for word in parts[1].split(separator: ",", omittingEmptySubsequences: false) {
            guard let number = Int32(word), number >= 0 else {
                throw CommandFailure("Invalid partition '\(word)' specified in topic arg '\(text)'", status: .usage)
            }
            if !numbers.contains(number) { numbers.append(number) }
        }
        partitions = numbers
    }
}

import Glibc

/// Measures a controller of its own, over real sockets and a real disk, with brokers that are only registered;
/// `Benchmarks/controller` runs it.
///
///     ControllerBenchmark FOLDER BROKERS PARTITIONS
@main
struct ControllerBenchmark {
    static func main() async throws {
        let arguments = CommandLine.arguments.dropFirst()
        let numbers = arguments.dropFirst().compactMap { Int($0) }
        guard arguments.count == 3, numbers.count == 2, let folder = arguments.first, numbers[0] >= 3, numbers[1] > 0
        else { throw Failure(description: "usage: ControllerBenchmark FOLDER BROKERS(3…) PARTITIONS") }
        let scale = ScaleBenchmark(folder: folder, brokers: numbers[0], partitions: numbers[1])
        try await scale.run()
    }
}

struct Failure: Error, CustomStringConvertible {
    let description: String
}

/// A line of output, at once.
func say(_ line: String) {
    let bytes = Array("\(line)\n".utf8)
    _ = write(STDOUT_FILENO, bytes, bytes.count)
}

import Glibc
import KafkaStorage

/// Measures the log without a broker around it; `Benchmarks/storage` runs it.
///
///     StorageBenchmark append FOLDER MEBIBYTES
///     StorageBenchmark read FOLDER GIGABYTES
///     StorageBenchmark partitions FOLDER COUNT
@main
struct StorageBenchmark {
    static func main() throws {
        let arguments = CommandLine.arguments.dropFirst()
        guard arguments.count == 3, let number = arguments.last.flatMap({ Int($0) }), number > 0 else {
            throw Failure(description: "usage: StorageBenchmark append|read|partitions FOLDER NUMBER")
        }
        let folder = arguments[arguments.startIndex + 1]
        switch arguments.first {
        case "append": try AppendBenchmark(folder: folder, mebibytes: number).run()
        case "read": try ReadBenchmark(folder: folder, gigabytes: number).run()
        case "partitions": try PartitionsBenchmark(folder: folder, count: number).run()
        default: throw Failure(description: "append, read or partitions")
        }
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

/// What something took: on the clock, and of the processor, which others on the machine do not add to.
struct Cost {
    var wall = 0.0
    var processor = 0.0
}

/// Seconds that `body` takes.
func seconds(_ body: () throws -> Void) rethrows -> Cost {
    let clock = ContinuousClock()
    let used = processorSeconds
    let duration = try clock.measure(body)
    let wall = Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
    return Cost(wall: wall, processor: processorSeconds - used)
}

private var processorSeconds: Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    return sorted[sorted.count / 2]
}

/// A number with `digits` places after the point.
func fixed(_ value: Double, _ digits: Int) -> String {
    var scale = 1.0
    for _ in 0..<digits { scale *= 10 }
    let scaled = Int((value * scale).rounded())
    guard digits > 0 else { return "\(scaled)" }
    let (whole, part) = scaled.quotientAndRemainder(dividingBy: Int(scale))
    let text = "\(part.magnitude)"
    return "\(whole).\(String(repeating: "0", count: digits - text.count))\(text)"
}

import Glibc

extension CommandContext {
    /// The next line of standard input without its end, nil when there is none: for answers to questions, a byte at a
    /// time, so that what follows stays for others.
    func readLine() -> String? {
        var line: [UInt8] = []
        var byte: UInt8 = 0
        while true {
            let count = read(input, &byte, 1)
            if count < 0, errno == EINTR { continue }
            guard count == 1 else { return line.isEmpty ? nil : String(decoding: line, as: UTF8.self) }
            if byte == UInt8(ascii: "\n") { break }
            // An answer is short; what else there is of a long line is not one.
            if line.count < 1000 { line.append(byte) }
        }
        if line.last == UInt8(ascii: "\r") { line.removeLast() }
        return String(decoding: line, as: UTF8.self)
    }
}

import Glibc

/// A pattern looked for in bytes where they lie, without a string for any of them.
///
/// Plain words are compared as they are; anything else is an extended regular expression of POSIX, matched byte by byte.
///
/// `@unchecked Sendable`: regexec(3) reads a compiled expression under a lock of its own, and nothing here changes it
/// between `init` and `deinit`.
final class BytePattern: @unchecked Sendable {
    private let literal: [UInt8]
    private let expression: UnsafeMutablePointer<regex_t>?

    /// Signs that mean something in a regular expression.
    private static let special = Set("\\.[]{}()*+?^$|".utf8)

    /// - Throws: when the text is no extended regular expression.
    init(_ text: String) throws(CommandFailure) {
        literal = Array(text.utf8)
        guard literal.contains(where: Self.special.contains) else {
            expression = nil
            return
        }
        let compiled = UnsafeMutablePointer<regex_t>.allocate(capacity: 1)
        let code = regcomp(compiled, text, REG_EXTENDED)
        guard code == 0 else {
            var message = [CChar](repeating: 0, count: 256)
            regerror(code, compiled, &message, message.count)
            compiled.deallocate()
            let reason = String(decoding: message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            throw CommandFailure("'\(text)' is no regular expression: \(reason).", status: .usage)
        }
        expression = compiled
    }

    deinit {
        if let expression {
            regfree(expression)
            expression.deallocate()
        }
    }

    /// Whether the pattern occurs anywhere in the bytes.
    func occurs(in bytes: UnsafeRawBufferPointer) -> Bool {
        if let expression { return matches(expression, bytes) }
        guard !literal.isEmpty else { return true }
        guard var base = bytes.baseAddress else { return false }
        var left = bytes.count
        while left >= literal.count {
            guard let found = memchr(base, CInt(literal[0]), left - literal.count + 1) else { return false }
            if memcmp(found, literal, literal.count) == 0 { return true }
            left -= UnsafeRawPointer(found) - base + 1
            base = UnsafeRawPointer(found) + 1
        }
        return false
    }

    private func matches(_ expression: UnsafePointer<regex_t>, _ bytes: UnsafeRawBufferPointer) -> Bool {
        guard bytes.count <= Int(Int32.max) else { return false }
        // REG_STARTEND: the range is given, so that the bytes need no zero at their end and may hold some.
        var range = regmatch_t(rm_so: 0, rm_eo: regoff_t(bytes.count))
        let empty: [CChar] = [0]
        guard let base = bytes.baseAddress else { return regexec(expression, empty, 1, &range, REG_STARTEND) == 0 }
        return regexec(expression, base.assumingMemoryBound(to: CChar.self), 1, &range, REG_STARTEND) == 0
    }
}

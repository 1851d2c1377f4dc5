/// A parsed regular expression.
indirect enum PatternNode: Equatable, Sendable {
    case empty
    /// One scalar out of a set; the empty set matches nothing.
    case scalar(ScalarSet)
    case assertion(PatternAssertion)
    case sequence([PatternNode])
    case either([PatternNode])
    /// At least `minimum` and at most `maximum` times; nil is without limit.
    case repeated(PatternNode, minimum: Int, maximum: Int?)

    /// Instructions that this compiles to, at most; also the bound on the work of compiling it.
    var size: Int {
        switch self {
        case .empty, .scalar, .assertion: return 1
        case .sequence(let nodes): return nodes.reduce(1) { $0.addingClamped($1.size) }
        case .either(let nodes): return nodes.reduce(1) { $0.addingClamped($1.size).addingClamped(2) }
        case .repeated(let node, let minimum, let maximum):
            let copies = max(maximum ?? minimum + 1, 1)
            return node.size.addingClamped(2).multipliedClamped(by: copies)
        }
    }
}

/// A condition on a place in the text; it takes up no scalar.
enum PatternAssertion: Equatable, Sendable {
    case textStart
    case textEnd
    case lineStart
    case lineEnd
    case wordBoundary
    case noWordBoundary
}

extension Int {
    fileprivate func addingClamped(_ other: Int) -> Int {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }

    fileprivate func multipliedClamped(by other: Int) -> Int {
        let (product, overflow) = multipliedReportingOverflow(by: other)
        return overflow ? .max : product
    }
}

/// A regular expression as instructions of a machine that is in many states at once.
struct PatternProgram: Sendable {
    enum Instruction: Equatable, Sendable {
        /// Takes one scalar of the set and goes on behind itself.
        case take(ScalarSet)
        case check(PatternAssertion)
        case jump(Int)
        /// Goes on at both.
        case split(Int, Int)
        case accept
    }

    /// What memory and each step over a scalar may cost.
    static let maximumSize = 10_000

    private(set) var instructions: [Instruction] = []

    init(_ node: PatternNode, expression: String) throws(PatternError) {
        guard node.size < Self.maximumSize else { throw PatternError("expression is too large", expression) }
        emit(node)
        instructions.append(.accept)
    }

    private mutating func emit(_ node: PatternNode) {
        switch node {
        case .empty: break
        case .scalar(let set): instructions.append(.take(set))
        case .assertion(let assertion): instructions.append(.check(assertion))
        case .sequence(let nodes): for node in nodes { emit(node) }
        case .either(let nodes): emitChoice(nodes)
        case .repeated(let node, let minimum, let maximum): emitRepetition(node, minimum, maximum)
        }
    }

    private mutating func emitChoice(_ nodes: [PatternNode]) {
        var exits: [Int] = []
        for (index, node) in nodes.enumerated() {
            guard index < nodes.count - 1 else {
                emit(node)
                break
            }
            let split = instructions.count
            instructions.append(.accept)
            emit(node)
            exits.append(instructions.count)
            instructions.append(.accept)
            instructions[split] = .split(split + 1, instructions.count)
        }
        for exit in exits { instructions[exit] = .jump(instructions.count) }
    }

    private mutating func emitRepetition(_ node: PatternNode, _ minimum: Int, _ maximum: Int?) {
        for _ in 0..<minimum { emit(node) }
        guard let maximum else {
            let split = instructions.count
            instructions.append(.accept)
            emit(node)
            instructions.append(.jump(split))
            instructions[split] = .split(split + 1, instructions.count)
            return
        }
        var splits: [Int] = []
        for _ in minimum..<max(minimum, maximum) {
            splits.append(instructions.count)
            instructions.append(.accept)
            emit(node)
        }
        for split in splits { instructions[split] = .split(split + 1, instructions.count) }
    }
}

/// A regular expression that is matched in time proportional to its length times that of the text, whatever either
/// says: the syntax is RE2's, which Kafka's brokers use for subscriptions by `SubscribedTopicRegex`.
///
/// All states that the expression may be in are followed together, so there is nothing to go back to.
package struct LinearPattern: Sendable {
    private let program: PatternProgram

    package init(_ expression: String) throws(PatternError) {
        program = try PatternProgram(PatternParser.parse(expression), expression: expression)
    }

    /// Whether the expression describes all of `text`, not just a part of it.
    package func matchesWhole(_ text: String) -> Bool {
        let scalars = text.unicodeScalars.map(\.value)
        var current = StateSet(capacity: program.instructions.count)
        var following = current
        add(0, to: &current, scalars, at: 0)
        for (index, scalar) in scalars.enumerated() {
            guard !current.isEmpty else { return false }
            following.removeAll()
            for state in current.states {
                if case .take(let set) = program.instructions[state], set.contains(scalar) {
                    add(state + 1, to: &following, scalars, at: index + 1)
                }
            }
            swap(&current, &following)
        }
        return current.states.contains { program.instructions[$0] == .accept }
    }

    /// Adds a state and all that follow it without taking a scalar.
    private func add(_ first: Int, to states: inout StateSet, _ text: [UInt32], at place: Int) {
        var pending = [first]
        while let state = pending.popLast() {
            guard states.insert(state) else { continue }
            switch program.instructions[state] {
            case .take, .accept: break
            case .jump(let target): pending.append(target)
            case .split(let one, let other): pending += [other, one]
            case .check(let assertion):
                if holds(assertion, text, at: place) { pending.append(state + 1) }
            }
        }
    }

    private func holds(_ assertion: PatternAssertion, _ text: [UInt32], at place: Int) -> Bool {
        let newline: UInt32 = 0x0A
        switch assertion {
        case .textStart: return place == 0
        case .textEnd: return place == text.count
        case .lineStart: return place == 0 || text[place - 1] == newline
        case .lineEnd: return place == text.count || text[place] == newline
        case .wordBoundary, .noWordBoundary:
            let before = place > 0 && ScalarSet.word.contains(text[place - 1])
            let after = place < text.count && ScalarSet.word.contains(text[place])
            return (before != after) == (assertion == .wordBoundary)
        }
    }
}

/// Numbers below a bound, in the order in which they came in; emptied at no cost.
private struct StateSet {
    private(set) var states: [Int] = []
    private var marks: [Int]
    private var round = 1

    init(capacity: Int) { marks = Array(repeating: 0, count: capacity) }

    var isEmpty: Bool { states.isEmpty }

    mutating func insert(_ state: Int) -> Bool {
        guard marks[state] != round else { return false }
        marks[state] = round
        states.append(state)
        return true
    }

    mutating func removeAll() {
        states.removeAll(keepingCapacity: true)
        round += 1
    }
}

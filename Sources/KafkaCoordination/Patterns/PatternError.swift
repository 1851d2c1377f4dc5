/// Why a regular expression is refused, in the words that RE2's implementations use.
package struct PatternError: Error, Equatable, CustomStringConvertible {
    package let reason: String
    /// The part of the expression that is meant.
    package let fragment: String

    package var description: String { "error parsing regexp: \(reason): `\(fragment)`" }

    init(_ reason: String, _ fragment: String) {
        self.reason = reason
        self.fragment = fragment
    }
}

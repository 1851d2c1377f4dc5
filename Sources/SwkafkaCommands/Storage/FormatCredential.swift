import KafkaMessages
import KafkaWire
import NIOCore

/// A user of `storage format --add-scram`: `SCRAM-SHA-256=[name=alice,password=secret]`, also with `iterations`, `salt`
/// and, instead of the password, `saltedpassword`, the last two in Base64.
struct FormatCredential: Equatable {
    let record: UserScramCredentialRecord

    /// - Throws: when the words are no user. The password is not repeated.
    init(_ text: String) throws(CommandFailure) {
        let halves = text.split(separator: "=", maxSplits: 1).map(String.init)
        guard halves.count == 2, halves[1].hasPrefix("["), halves[1].hasSuffix("]") else {
            throw CommandFailure("--add-scram needs MECHANISM=[name=user,password=secret].", status: .usage)
        }
        guard let algorithm = ScramAlgorithm.allCases.first(where: { $0.name == halves[0] }) else {
            let known = ScramAlgorithm.allCases.map(\.name).joined(separator: " and ")
            throw CommandFailure("--add-scram knows the mechanisms \(known), not \(halves[0]).")
        }
        let values = try Self.values(halves[1].dropFirst().dropLast())
        guard let name = values["name"], !name.isEmpty else {
            throw CommandFailure("--add-scram needs name=user.")
        }
        let iterations = try Self.iterations(values["iterations"])
        let salt = try Self.bytes(values["salt"], "salt")
        let salted: [UInt8]
        let usedSalt: [UInt8]
        switch (values["password"], values["saltedpassword"]) {
        case (let password?, nil):
            var generator = SystemRandomNumberGenerator()
            usedSalt = salt ?? (0..<24).map { _ in UInt8.random(in: 0...UInt8.max, using: &generator) }
            salted = algorithm.saltedPassword(password, salt: usedSalt, iterations: iterations)
        case (nil, let text?):
            guard let salt else { throw CommandFailure("A saltedpassword of --add-scram needs its salt.") }
            usedSalt = salt
            salted = try Self.bytes(text, "saltedpassword") ?? []
        default: throw CommandFailure("--add-scram needs a password or a saltedpassword.")
        }
        let keys = algorithm.serverKeys(saltedPassword: salted)
        record = UserScramCredentialRecord(
            name: name,
            mechanism: algorithm.rawValue,
            salt: ByteBuffer(bytes: usedSalt),
            storedKey: ByteBuffer(bytes: keys.stored),
            serverKey: ByteBuffer(bytes: keys.server),
            iterations: Int32(iterations)
        )
    }

    private static let names: Set<String> = ["name", "password", "saltedpassword", "salt", "iterations"]

    /// Values may stand in quotes, so that they can hold commas.
    private static func values(_ text: Substring) throws(CommandFailure) -> [String: String] {
        var values: [String: String] = [:]
        var rest = text
        while !rest.isEmpty {
            let name = String(rest.prefix { $0 != "=" })
            rest = rest.dropFirst(name.count + 1)
            guard names.contains(name), values[name] == nil else {
                throw CommandFailure("--add-scram takes \(names.sorted().joined(separator: ", ")), each once.")
            }
            let isQuoted = rest.first == "\""
            if isQuoted { rest = rest.dropFirst() }
            let value = rest.prefix { $0 != (isQuoted ? "\"" : ",") }
            values[name] = String(value)
            rest = rest.dropFirst(value.count + (isQuoted ? 1 : 0))
            guard rest.isEmpty || rest.first == "," else {
                throw CommandFailure("The value of \(name) in --add-scram must end with its quote.")
            }
            rest = rest.dropFirst()
        }
        return values
    }

    private static func iterations(_ text: String?) throws(CommandFailure) -> Int {
        let range = ScramAlgorithm.iterations
        guard let text else { return range.lowerBound }
        guard let iterations = Int(text), range.contains(iterations) else {
            throw CommandFailure(
                "The iterations of --add-scram must be from \(range.lowerBound) to \(range.upperBound), not \(text)."
            )
        }
        return iterations
    }

    private static func bytes(_ text: String?, _ name: String) throws(CommandFailure) -> [UInt8]? {
        guard let text else { return nil }
        guard let bytes = Base64.bytes(text), !bytes.isEmpty else {
            throw CommandFailure("The \(name) of --add-scram must be Base64.")
        }
        return bytes
    }
}

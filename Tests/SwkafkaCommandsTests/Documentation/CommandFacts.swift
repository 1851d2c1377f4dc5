import Foundation

/// What the argument parser knows of a command, as its dump says.
struct CommandFacts: Decodable {
    struct Name: Decodable, Equatable {
        var kind: String
        var name: String

        /// The name as `Fl` takes it: without the first dash.
        var flag: String { kind == "long" ? "-" + name : name }
    }

    struct Argument: Decodable {
        var kind: String
        var names: [Name]?
        var preferredName: Name?
        var valueName: String?
        var defaultValue: String?
        var allValues: [String]?
        var abstract: String?
        var sectionTitle: String?
        var isOptional: Bool
        var isRepeating: Bool
        var shouldDisplay: Bool
    }

    struct Dump: Decodable {
        var command: CommandFacts
    }

    var commandName: String
    var abstract: String?
    var discussion: String?
    var arguments: [Argument]?
    var subcommands: [CommandFacts]?

    static func read(_ json: String) throws -> CommandFacts {
        try JSONDecoder().decode(Dump.self, from: Data(json.utf8)).command
    }
}

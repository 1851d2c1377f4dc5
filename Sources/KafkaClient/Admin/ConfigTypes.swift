/// Something that has a configuration.
public struct ConfigResource: Hashable, Sendable, CustomStringConvertible {
    /// What kind of thing; the raw values are the protocol's.
    public enum Kind: Int8, Sendable, CaseIterable {
        case topic = 2
        case broker = 4
        case brokerLogger = 8
        case clientMetrics = 16
        case group = 32
    }

    /// What kind of thing.
    public var kind: Kind
    /// A topic's name, or a broker's id in digits; empty for the default of all brokers.
    public var name: String

    /// Names something that has a configuration.
    public init(_ kind: Kind, _ name: String) {
        self.kind = kind
        self.name = name
    }

    /// A topic.
    public static func topic(_ name: String) -> ConfigResource { ConfigResource(.topic, name) }

    /// A broker; `nil` for the default of all brokers.
    public static func broker(_ id: Int32?) -> ConfigResource { ConfigResource(.broker, id.map(String.init) ?? "") }

    /// `topic 'a'`, for messages.
    public var description: String { name.isEmpty ? "\(kind) default" : "\(kind) '\(name)'" }

    /// The broker that must be asked, when only one can answer.
    var brokerID: Int32? {
        kind == .broker || kind == .brokerLogger ? Int32(name) : nil
    }
}

/// One setting of a resource.
public struct ConfigEntry: Hashable, Sendable {
    /// Where a value comes from; the raw values are the protocol's.
    public enum Source: Int8, Sendable {
        case unknown = 0
        case dynamicTopic = 1
        case dynamicBroker = 2
        case dynamicDefaultBroker = 3
        case staticBroker = 4
        case defaultConfig = 5
        case dynamicBrokerLogger = 6
        case clientMetrics = 7
        case group = 8
    }

    /// The type of a value; the raw values are the protocol's.
    public enum ValueType: Int8, Sendable {
        case unknown = 0
        case boolean = 1
        case string = 2
        case int = 3
        case short = 4
        case long = 5
        case double = 6
        case list = 7
        case `class` = 8
        case password = 9
    }

    /// Another name or place that the value would be taken from, in order of precedence.
    public struct Synonym: Hashable, Sendable {
        /// The setting's name there.
        public var name: String
        /// Its value there; `nil` when it is secret or not set.
        public var value: String?
        /// Where that is.
        public var source: Source
    }

    /// The setting's name.
    public var name: String
    /// The value in force; `nil` when it is secret or not set.
    public var value: String?
    /// Where the value comes from.
    public var source: Source
    /// Whether it cannot be changed while the broker runs.
    public var isReadOnly: Bool
    /// Whether the value is secret, and therefore left out.
    public var isSensitive: Bool
    /// The value's type.
    public var type: ValueType
    /// Where else the value would be taken from; empty unless asked for.
    public var synonyms: [Synonym]
    /// What the setting does; `nil` unless asked for.
    public var documentation: String?
}

/// A change of one setting.
public struct ConfigChange: Hashable, Sendable {
    /// What to do with the setting; the raw values are the protocol's.
    public enum Operation: Int8, Sendable {
        case set = 0
        case delete = 1
        case append = 2
        case subtract = 3
    }

    /// The setting's name.
    public var name: String
    /// What to do.
    public var operation: Operation
    /// The value; `nil` when deleting.
    public var value: String?

    /// A change of one setting.
    public init(_ operation: Operation, _ name: String, _ value: String? = nil) {
        self.name = name
        self.operation = operation
        self.value = value
    }
}

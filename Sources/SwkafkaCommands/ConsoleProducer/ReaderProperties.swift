/// How `console-producer` takes a line apart: the properties of Kafka's line reader.
struct ReaderProperties {
    var topic: String?
    var parsesKey: Bool
    var keySeparator: [UInt8]
    var parsesHeaders: Bool
    var headersDelimiter: [UInt8]
    /// A regular expression.
    var headersSeparator: String
    var headersKeySeparator: [UInt8]
    var ignoresErrors: Bool
    var nullMarker: [UInt8]?

    /// Names that the reader understands; others are passed over, as a reader class of one's own might use them.
    static let names: Set<String> = [
        "topic", "parse.key", "key.separator", "parse.headers", "headers.delimiter", "headers.separator",
        "headers.key.separator", "ignore.error", "null.marker",
    ]

    init(_ properties: [String: String]) throws(CommandFailure) {
        let keySeparator = properties["key.separator"] ?? "\t"
        let headersDelimiter = properties["headers.delimiter"] ?? "\t"
        let headersSeparator = properties["headers.separator"] ?? ","
        let headersKeySeparator = properties["headers.key.separator"] ?? ":"
        let nullMarker = properties["null.marker"]
        topic = properties["topic"]
        parsesKey = KeyValueOptions.isTrue(properties["parse.key"])
        self.keySeparator = Array(keySeparator.utf8)
        parsesHeaders = KeyValueOptions.isTrue(properties["parse.headers"])
        self.headersDelimiter = Array(headersDelimiter.utf8)
        self.headersSeparator = headersSeparator
        self.headersKeySeparator = Array(headersKeySeparator.utf8)
        ignoresErrors = KeyValueOptions.isTrue(properties["ignore.error"])
        self.nullMarker = nullMarker.map { Array($0.utf8) }

        var pairs: [(String, String, String, String)] = [
            ("headers.delimiter", headersDelimiter, "headers.separator", headersSeparator),
            ("headers.delimiter", headersDelimiter, "headers.key.separator", headersKeySeparator),
            ("headers.separator", headersSeparator, "headers.key.separator", headersKeySeparator),
        ]
        if let nullMarker {
            pairs += [
                ("null.marker", nullMarker, "key.separator", keySeparator),
                ("null.marker", nullMarker, "headers.delimiter", headersDelimiter),
                ("null.marker", nullMarker, "headers.separator", headersSeparator),
                ("null.marker", nullMarker, "headers.key.separator", headersKeySeparator),
            ]
        }
        for (first, firstValue, second, secondValue) in pairs where firstValue == secondValue {
            throw CommandFailure(
                "\(first) and \(second) may not be equal.",
                hint: "Set one of them with --reader-property \(first)=… or --reader-property \(second)=…."
            )
        }
    }

    /// Whether a line is a value and nothing else, so that it need not be looked at.
    var takesLinesWhole: Bool { !parsesKey && !parsesHeaders && nullMarker == nil }
}

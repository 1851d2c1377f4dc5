/// What `console-consumer` prints of a record: the properties of Kafka's default formatter.
struct FormatterProperties {
    var printsTimestamp: Bool
    var printsPartition: Bool
    var printsOffset: Bool
    var printsDelivery: Bool
    var printsEpoch: Bool
    var printsHeaders: Bool
    var printsKey: Bool
    var printsValue: Bool
    var keySeparator: [UInt8]
    var lineSeparator: [UInt8]
    var headersSeparator: [UInt8]
    var nullLiteral: [UInt8]
    var keyDeserializer: Deserializer
    var valueDeserializer: Deserializer
    var headersDeserializer: Deserializer
    /// Class names of deserializers that are not known here; their data are printed as raw bytes.
    var unknownDeserializers: [String] = []

    init(_ properties: [String: String]) {
        printsTimestamp = KeyValueOptions.isTrue(properties["print.timestamp"])
        printsPartition = KeyValueOptions.isTrue(properties["print.partition"])
        printsOffset = KeyValueOptions.isTrue(properties["print.offset"])
        printsDelivery = KeyValueOptions.isTrue(properties["print.delivery"])
        printsEpoch = KeyValueOptions.isTrue(properties["print.epoch"])
        printsHeaders = KeyValueOptions.isTrue(properties["print.headers"])
        printsKey = KeyValueOptions.isTrue(properties["print.key"])
        printsValue = KeyValueOptions.isTrue(properties["print.value"] ?? "true")
        keySeparator = Array((properties["key.separator"] ?? "\t").utf8)
        lineSeparator = Array((properties["line.separator"] ?? "\n").utf8)
        headersSeparator = Array((properties["headers.separator"] ?? ",").utf8)
        nullLiteral = Array((properties["null.literal"] ?? "null").utf8)
        var unknown: [String] = []
        func deserializer(_ name: String) -> Deserializer {
            guard let type = properties[name], !type.isEmpty else { return .raw }
            if let known = Deserializer(className: type) { return known }
            unknown.append(type)
            return .raw
        }
        keyDeserializer = deserializer("key.deserializer")
        valueDeserializer = deserializer("value.deserializer")
        headersDeserializer = deserializer("headers.deserializer")
        unknownDeserializers = unknown
    }

    /// Whether a record is nothing but its raw value, the common and fastest case.
    var isPlainValue: Bool {
        printsValue && valueDeserializer == .raw
            && !(printsTimestamp || printsPartition || printsOffset || printsDelivery || printsEpoch || printsHeaders
                || printsKey)
    }
}

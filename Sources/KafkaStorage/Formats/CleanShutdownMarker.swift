/// `.kafka_cleanshutdown`: left by a clean stop; at the next start it says that nothing needs recovery.
enum CleanShutdownMarker {
    static let fileName = ".kafka_cleanshutdown"

    static func encode(brokerEpoch: Int64) -> [UInt8] {
        Array("{\"version\":0,\"brokerEpoch\":\(brokerEpoch)}".utf8)
    }

    /// The broker epoch of the last run, -1 when the file does not tell (older releases leave it empty).
    static func brokerEpoch(_ bytes: [UInt8]) -> Int64 {
        JSONValue.parse(bytes)?["brokerEpoch"]?.integer ?? -1
    }
}

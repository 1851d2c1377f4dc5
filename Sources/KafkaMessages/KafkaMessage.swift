public import KafkaWire

/// A top-level message: its layout depends on a version that stands outside of it.
public protocol KafkaMessage: WireStruct {
    /// The versions that can be read and written here.
    static var validVersions: ClosedRange<Int16> { get }
    /// The versions with compact lengths and tagged fields (KIP-482); nil if there are none.
    static var flexibleVersions: ClosedRange<Int16>? { get }
}

extension KafkaMessage {
    /// Fails if there is no such version.
    static func check(version: Int16) throws(WireError) {
        guard validVersions.contains(version) else {
            throw .unsupportedVersion(message: "\(Self.self)", version: version)
        }
    }

    /// Whether a version is a flexible one.
    public static func isFlexible(version: Int16) -> Bool {
        flexibleVersions?.contains(version) ?? false
    }
}

/// The body of a request.
public protocol KafkaRequest: KafkaMessage {
    associatedtype Response: KafkaResponse
    static var apiKey: APIKey { get }
}

/// The body of a response; it has the version of its request.
public protocol KafkaResponse: KafkaMessage {
    static var apiKey: APIKey { get }
}

/// A record of the cluster metadata log.
public protocol MetadataLogRecord: KafkaMessage {
    /// The number that stands for the type in the record's frame.
    static var recordType: Int16 { get }
}

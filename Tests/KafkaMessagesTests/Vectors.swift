import Foundation
import KafkaMessages
import KafkaWire
import NIOCore
import Testing

/// One message encoded by an implementation that is not ours.
struct MessageVector: Sendable, CustomTestStringConvertible {
    let name: String
    let kind: String
    let api: String
    let apiKey: Int16?
    let version: Int16
    let headerVersion: Int16
    let correlationId: Int32
    let clientId: String?
    /// Captured bytes that need not be what we would write, such as tags in another order or bytes after the end.
    let decodeOnly: Bool
    let bytes: ByteBuffer
    /// The JSON object of the fields.
    let fields: Data

    var testDescription: String { name }

    func fieldValues() throws -> [String: Any] {
        try JSONSerialization.jsonObject(with: fields) as? [String: Any] ?? [:]
    }

    static let all: [MessageVector] = load()

    static func ofKind(_ kinds: String...) -> [MessageVector] {
        all.filter { kinds.contains($0.kind) }
    }

    private static func load() -> [MessageVector] {
        guard
            let url = Bundle.module.url(forResource: "messages", withExtension: "json", subdirectory: "Vectors"),
            let data = try? Data(contentsOf: url),
            let rows = try? JSONSerialization.jsonObject(with: data) as? [[String: Any]]
        else { return [] }
        return rows.compactMap { row in
            guard let name = row["name"] as? String, let kind = row["kind"] as? String,
                let version = row["version"] as? Int, let hex = row["hex"] as? String,
                let bytes = ByteBuffer(hex: hex),
                let fields = try? JSONSerialization.data(withJSONObject: row["fields"] ?? [:])
            else { return nil }
            let schema = (row["schema"] as? String)?.split(separator: "/").last?.dropLast(".json".count)
            return MessageVector(
                name: name,
                kind: kind,
                api: row["api"] as? String ?? schema.map(String.init) ?? "",
                apiKey: (row["api_key"] as? Int).map { Int16($0) },
                version: Int16(version),
                headerVersion: Int16(row["header_version"] as? Int ?? 0),
                correlationId: Int32(row["correlation_id"] as? Int ?? 0),
                clientId: row["client_id"] as? String,
                decodeOnly: row["compare"] != nil,
                bytes: bytes,
                fields: fields
            )
        }
    }
}

extension ByteBuffer {
    init?(hex: String) {
        var bytes: [UInt8] = []
        var rest = hex[...]
        while !rest.isEmpty {
            guard let byte = UInt8(rest.prefix(2), radix: 16), rest.count >= 2 else { return nil }
            bytes.append(byte)
            rest = rest.dropFirst(2)
        }
        self.init(bytes: bytes)
    }

    var hex: String {
        readableBytesView.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}

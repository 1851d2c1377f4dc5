package import Foundation

/// A copy of a data directory that Apache Kafka wrote: see Fixtures/README.
package struct KafkaDirectory: Sendable {
    /// The folder that holds it; the data directory itself is ``path``.
    package let parent: String
    package var path: String { parent + "/data" }

    /// Runs `body` with a fresh copy, which is removed afterwards.
    package static func with<Result>(_ body: @Sendable (KafkaDirectory) async throws -> Result) async throws -> Result {
        try await withTemporaryDirectory { parent in
            let archive = try fixture("kafka-data-dir.tar.gz").path
            let unpacked = try await run("/usr/bin/env", ["tar", "-xzf", archive, "-C", parent])
            guard unpacked.status == 0 else { throw ManagedProcess.Failure(description: "\(unpacked)") }
            return try await body(KafkaDirectory(parent: parent))
        }
    }

    /// Replaces the bytes of one of its files.
    package func change(_ file: String, _ body: (inout Data) -> Void) throws {
        let url = URL(fileURLWithPath: "\(path)/\(file)")
        var bytes = try Data(contentsOf: url)
        body(&bytes)
        try bytes.write(to: url)
    }

    /// A record that some topic of the directory holds, by the list that came with it.
    package struct Record: Decodable, Sendable {
        package var topic: String
        package var partition: Int32
        package var offset: Int64
        package var timestamp: Int64
        package var key: String?
        package var value: String?
        package var transaction: String?
        package var control: String?

        package init(
            topic: String,
            partition: Int32,
            offset: Int64,
            timestamp: Int64,
            key: String?,
            value: String?
        ) {
            self.topic = topic
            self.partition = partition
            self.offset = offset
            self.timestamp = timestamp
            self.key = key
            self.value = value
        }
    }

    package static func records() throws -> [Record] {
        struct Listing: Decodable { var records: [Record] }
        return try JSONDecoder().decode(Listing.self, from: try Data(contentsOf: fixture("kafka-data-dir.json")))
            .records
    }

    private static func fixture(_ name: String) throws -> URL {
        guard let url = Bundle.module.resourceURL?.appendingPathComponent("Fixtures/\(name)") else {
            throw ManagedProcess.Failure(description: "no fixture \(name)")
        }
        return url
    }
}

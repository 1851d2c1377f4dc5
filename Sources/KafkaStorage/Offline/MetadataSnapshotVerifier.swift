import KafkaMessages
import KafkaWire
import NIOCore

/// Checks a snapshot of the cluster's metadata: `bootstrap.checkpoint`, or one beside the metadata log.
struct MetadataSnapshotVerifier {
    let path: String
    let context: VerificationContext
    private(set) var report = VerificationReport()

    init(path: String, context: VerificationContext) {
        self.path = path
        self.context = context
    }

    mutating func run() {
        do throws(StorageError) {
            try verify()
        } catch {
            report.add(Finding(.file, path: path, "it cannot be checked: \(error.reason)"))
        }
    }

    private mutating func verify() throws(StorageError) {
        var scanner = try BatchScanner(path: path, fileSystem: context.fileSystem)
        // Snapshots count their own offsets from 0.
        var log = LogVerifier(context: context, epochs: nil, holdsMetadata: true)
        log.beginSegment(0, path: path)
        var first: ControlRecordType?
        var last: ControlRecordType?
        var isFirst = true
        while case .batch(let batch, let position) = try scanner.next() {
            do throws(RecordError) {
                try batch.validateChecksum()
            } catch {
                log.add(Finding(.checksum, path: path, position: position, error.description))
                log.skipDamage()
                continue
            }
            log.visit(batch, at: position)
            last = controlType(of: batch)
            if isFirst { first = last }
            isFirst = false
        }
        if scanner.position < scanner.end {
            log.add(Finding(.batch, path: path, position: scanner.position, "no whole batch begins here"))
        }
        if first != .snapshotHeader {
            log.add(Finding(.snapshot, path: path, position: 0, "it does not begin with a header"))
        }
        if last != .snapshotFooter {
            log.add(Finding(.snapshot, path: path, position: scanner.end, "it does not end with a footer"))
        }
        report.merge(log.report)
        report.segments -= 1
    }

    /// The last control record of a control batch.
    private func controlType(of batch: RecordBatchView) -> ControlRecordType? {
        guard batch.header.isControl, var records = try? batch.records() else { return nil }
        var type: ControlRecordType?
        while let record = try? records.next() { type = ControlRecordType(key: record.key) ?? type }
        return type
    }
}

import ArgumentParser

/// `swkafka dump-log`: prints segments, indexes and snapshots of a data directory.
struct DumpLogCommand: SwkafkaCommand {
    static let configuration = CommandConfiguration(
        commandName: "dump-log",
        abstract: "Print what files of a data directory hold.",
        discussion: """
            The suffix of a file says what it is: .log (a segment), .checkpoint (a metadata snapshot), .index, .timeindex, \
            .txnindex, or .snapshot (producer state). Nothing is changed, and no broker is needed. See swkafka log verify \
            for a check of everything.

            EXAMPLES
              swkafka dump-log --files data/orders-0/00000000000000000000.log
              swkafka dump-log --print-data-log \\
                --files data/orders-0/00000000000000000000.log
              swkafka dump-log --offsets-decoder \\
                --files data/__consumer_offsets-18/00000000000000000000.log
              swkafka dump-log --cluster-metadata-decoder \\
                --files data/__cluster_metadata-0/00000000000000000000.log
              swkafka dump-log --index-sanity-check \\
                --files data/orders-0/00000000000000000000.index

            DIFFERENCES
            DefaultDecoder prints the bytes, those that are no common signs as \\xHH; Kafka's script prints the name of a \
            Java object. Files are named in the order in which they were given when offsets or times do not fit. Records \
            inside a compressed message of the formats before 0.11 are printed without a checksum of their own.
            """
    )

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Files to print, with commas between them.", valueName: "file1,file2,…"),
        completion: .file()
    )
    var files: String

    @Flag(help: "Print keys and values. Any decoder does so too.") var printDataLog = false
    @Flag(help: "Print a line for each record, without its data.") var deepIteration = false
    @Flag(help: "Print nothing of a record but its key and value.") var skipRecordMetadata = false

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Read at most so many bytes of a segment.", valueName: "bytes")
    )
    var maxBytes: Int32 = .max

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The largest batch, when an index is checked.", valueName: "bytes")
    )
    var maxMessageSize: Int32 = 5_242_880

    @Flag(help: "Check indexes against their segment, and print only what does not fit.") var verifyIndexOnly = false
    @Flag(help: "Only check whether a starting broker would take an index as it is.") var indexSanityCheck = false

    @OptionGroup(title: "Decoding") var decoding: DumpLogDecoders

    func validate() throws {
        if maxBytes < 0 { throw ValidationError("--max-bytes must be 0 or more.") }
        if maxMessageSize < 0 { throw ValidationError("--max-message-size must be 0 or more.") }
        if files.split(separator: ",").isEmpty { throw ValidationError("--files names no file.") }
        if decoding.remoteLogMetadataDecoder {
            throw ValidationError("--remote-log-metadata-decoder is not supported: there is no tiered storage here.")
        }
        do throws(CommandFailure) {
            _ = try decoding.decoder()
        } catch {
            throw ValidationError(error.message)
        }
    }

    var paths: [String] { files.split(separator: ",").map { Self.normalised(String($0)) } }

    var showsData: Bool { printDataLog || decoding.isAsked }

    /// Without doubled slashes, as Java names files.
    private static func normalised(_ path: String) -> String {
        let parts = path.split(separator: "/").joined(separator: "/")
        return path.hasPrefix("/") ? "/" + parts : parts
    }

    func execute(_ context: CommandContext) async throws -> ExitStatus {
        try DumpLogRunner(command: self, context: context).run()
    }
}

/// How the bytes of records are read.
struct DumpLogDecoders: ParsableArguments {
    @Option(
        name: .customLong("key-decoder-class"),
        defaultAsFlag: "StringDecoder",
        parsing: .next,
        help: ArgumentHelp("StringDecoder, IntegerDecoder, LongDecoder or DefaultDecoder.", valueName: "class")
    )
    var keyDecoderClass: String?

    @Option(
        name: .customLong("value-decoder-class"),
        defaultAsFlag: "StringDecoder",
        parsing: .next,
        help: ArgumentHelp("StringDecoder, IntegerDecoder, LongDecoder or DefaultDecoder.", valueName: "class")
    )
    var valueDecoderClass: String?

    @Flag(help: "Records are those of __consumer_offsets.") var offsetsDecoder = false
    @Flag(help: "Records are those of __transaction_state.") var transactionLogDecoder = false
    @Flag(help: "Records are those of the metadata log.") var clusterMetadataDecoder = false
    @Flag(help: .hidden) var remoteLogMetadataDecoder = false
    @Flag(help: "Records are those of __share_group_state.") var shareGroupStateDecoder = false

    var isAsked: Bool {
        offsetsDecoder || transactionLogDecoder || clusterMetadataDecoder || shareGroupStateDecoder
            || keyDecoderClass != nil || valueDecoderClass != nil
    }

    func decoder() throws(CommandFailure) -> RecordDecoder {
        if offsetsDecoder { return .offsets }
        if transactionLogDecoder { return .transactions }
        if clusterMetadataDecoder { return .clusterMetadata }
        if shareGroupStateDecoder { return .shareGroupState }
        return .plain(
            key: try PayloadDecoder(className: keyDecoderClass ?? "StringDecoder"),
            value: try PayloadDecoder(className: valueDecoderClass ?? "StringDecoder")
        )
    }
}

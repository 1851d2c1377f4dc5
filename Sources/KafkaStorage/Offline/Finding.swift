/// Something that a check of a data directory found.
package struct Finding: Equatable, Sendable {
    /// What a finding is about.
    package enum Kind: String, Sendable {
        case batch
        case checksum
        case records
        case offsets
        case epoch
        case producer
        case offsetIndex = "offset-index"
        case timeIndex = "time-index"
        case transactionIndex = "transaction-index"
        case snapshot
        case checkpoint
        case file
    }

    package let kind: Kind
    /// False: worth knowing, but as it may be, such as a file that an interrupted deletion left.
    package let isFault: Bool
    package let path: String
    /// The byte of the file where what is wrong begins; nil when it is the file as a whole.
    package let position: Int64?
    /// The offset in the log that it concerns, as far as there is one.
    package let offset: Int64?
    /// What is wrong, as a clause without a full stop.
    package let message: String

    package init(
        _ kind: Kind,
        isFault: Bool = true,
        path: String,
        position: Int64? = nil,
        offset: Int64? = nil,
        _ message: String
    ) {
        self.kind = kind
        self.isFault = isFault
        self.path = path
        self.position = position
        self.offset = offset
        self.message = message
    }
}

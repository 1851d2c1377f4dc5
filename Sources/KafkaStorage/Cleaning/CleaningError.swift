/// Why a cleaning was given up. The log is as it was, but for segments that were cleaned before; nothing is lost.
package enum CleaningError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The caller wanted it to stop, or the log was cut, closed or shortened by retention meanwhile.
    case interrupted
    /// The disk failed or is full, or the log holds what cannot be read.
    case storage(StorageError)

    package var description: String {
        switch self {
        case .interrupted: "cleaning was interrupted"
        case .storage(let error): error.description
        }
    }
}

/// A structure with a layout for each version. Schemas do not recurse, so nesting is as deep as the schema says and no
/// input makes it deeper.
public protocol WireStruct: Equatable, Sendable {
    /// All fields at the schema's defaults.
    init()
    /// Reads the structure's fields in the layout of `version`.
    init(from reader: inout WireReader, version: Int16) throws(WireError)
    /// Writes the structure's fields in the layout of `version`; fails if a field cannot be carried by it.
    func write(to writer: inout WireWriter, version: Int16) throws(WireError)
}

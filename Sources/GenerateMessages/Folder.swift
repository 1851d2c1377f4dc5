import Glibc

/// A failed file operation of the tool.
package struct FolderError: Error, CustomStringConvertible {
    package let description: String

    init(_ action: String, _ path: String) {
        description = "cannot \(action) \(path): \(String(cString: strerror(errno)))"
    }
}

/// The text files of a folder, two levels deep, by path relative to it.
package struct Folder {
    package let path: String

    package init(path: String) {
        self.path = path
    }

    /// All files whose names end in `suffix`; none if the folder is not there.
    package func readAll(suffix: String) throws(FolderError) -> [String: String] {
        var texts: [String: String] = [:]
        for name in try entries(of: path) {
            for file in try entries(of: "\(path)/\(name)") where file.hasSuffix(suffix) {
                texts["\(name)/\(file)"] = try read("\(path)/\(name)/\(file)")
            }
        }
        return texts
    }

    package func write(_ text: String, to file: String) throws(FolderError) {
        if let slash = file.lastIndex(of: "/") {
            let folder = "\(path)/\(file[..<slash])"
            if mkdir(path, 0o755) != 0, errno != EEXIST { throw FolderError("make", path) }
            if mkdir(folder, 0o755) != 0, errno != EEXIST { throw FolderError("make", folder) }
        }
        guard let stream = fopen("\(path)/\(file)", "w") else { throw FolderError("write", "\(path)/\(file)") }
        let bytes = Array(text.utf8)
        let written = fwrite(bytes, 1, bytes.count, stream)
        let closed = fclose(stream)
        guard written == bytes.count, closed == 0 else { throw FolderError("write", "\(path)/\(file)") }
    }

    package func remove(_ file: String) throws(FolderError) {
        guard unlink("\(path)/\(file)") == 0 else { throw FolderError("remove", "\(path)/\(file)") }
    }

    private func entries(of folder: String) throws(FolderError) -> [String] {
        guard let directory = opendir(folder) else {
            if errno == ENOENT || errno == ENOTDIR { return [] }
            throw FolderError("list", folder)
        }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names
    }

    private func read(_ file: String) throws(FolderError) -> String {
        guard let stream = fopen(file, "r") else { throw FolderError("read", file) }
        defer { fclose(stream) }
        var bytes: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = fread(&block, 1, block.count, stream)
            if count == 0 { break }
            bytes.append(contentsOf: block[..<count])
        }
        guard ferror(stream) == 0 else { throw FolderError("read", file) }
        return String(decoding: bytes, as: UTF8.self)
    }
}

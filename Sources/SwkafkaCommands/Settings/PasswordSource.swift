import Glibc

/// Gets the password that settings point to, and makes of it what Kafka's clients call `sasl.jaas.config`.
struct PasswordSource {
    let settings: UserSettings
    let environment: [String: String]

    /// The settings that say who the user is; empty when that is said in Kafka's own way, or not at all.
    func credentials(over own: [String: String]) throws(CommandFailure) -> [String: String] {
        guard own["sasl.jaas.config"] == nil, settings.values["sasl.jaas.config"] == nil,
            let user = settings.values["sasl.username"]?.text
        else { return [:] }
        let mechanism = own["sasl.mechanism"] ?? settings.values["sasl.mechanism"]?.text ?? "PLAIN"
        let module: String
        switch mechanism {
        case "PLAIN": module = "org.apache.kafka.common.security.plain.PlainLoginModule"
        case "SCRAM-SHA-256", "SCRAM-SHA-512": module = "org.apache.kafka.common.security.scram.ScramLoginModule"
        default:
            throw CommandFailure(
                "sasl.username goes with the mechanisms PLAIN and SCRAM, not with \(mechanism): set sasl.jaas.config."
            )
        }
        let password = try password(of: user)
        return [
            "sasl.mechanism": mechanism,
            "sasl.jaas.config": "\(module) required username=\(quoted(user)) password=\(quoted(password));",
        ]
    }

    private func quoted(_ text: String) -> String {
        "\"" + text.flatMap { $0 == "\"" || $0 == "\\" ? ["\\", $0] : [$0] } + "\""
    }

    private func password(of user: String) throws(CommandFailure) -> String {
        let values = settings.values
        if let password = values["password"] { return password.text }
        if let name = values["password.env"]?.text {
            guard let value = getenv(name) else {
                throw CommandFailure("The password for '\(user)' shall be in the variable \(name), which is not set.")
            }
            return String(cString: value)
        }
        if let path = values["password.file"]?.text {
            return Self.firstLine(try FileReading.bytes(of: expanded(path), purpose: "password file"))
        }
        if let command = values["password.command"]?.text { return try output(of: command, user) }
        if KeyValueOptions.isTrue(values["password.prompt"]?.text) {
            return try PasswordPrompt.ask("Password for \(user): ")
        }
        throw CommandFailure(
            "There is no password for '\(user)'.",
            hint: "Set one of password.command, password.file, password.env and password.prompt=true "
                + "('swkafka profile set NAME password.command=…'), or SWKAFKA_PASSWORD."
        )
    }

    private func expanded(_ path: String) -> String {
        path.hasPrefix("~/") ? (environment["HOME"] ?? "~") + path.dropFirst(1) : path
    }

    private static func firstLine(_ bytes: [UInt8]) -> String {
        var line = bytes.prefix { $0 != UInt8(ascii: "\n") }
        if line.last == UInt8(ascii: "\r") { line.removeLast() }
        return String(decoding: line, as: UTF8.self)
    }

    /// The first line that the command prints; what it says on standard error, and what it asks, reaches the user.
    private func output(of command: String, _ user: String) throws(CommandFailure) -> String {
        guard let pipe = popen(command, "re") else {
            throw CommandFailure("Cannot run password.command for '\(user)': \(systemMessage(errno)).")
        }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while bytes.count < 1 << 16 {
            let count = fread(&chunk, 1, chunk.count, pipe)
            guard count > 0 else { break }
            bytes += chunk[..<count]
        }
        let status = pclose(pipe)
        guard status == 0 else {
            throw CommandFailure("password.command for '\(user)' failed (status \((status >> 8) & 0xFF)).")
        }
        let password = Self.firstLine(bytes)
        guard !password.isEmpty else { throw CommandFailure("password.command for '\(user)' printed nothing.") }
        return password
    }
}

/// Asks for a password on the terminal, which does not show what is typed.
enum PasswordPrompt {
    static func ask(_ question: String) throws(CommandFailure) -> String {
        let terminal = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)
        guard terminal >= 0 else {
            throw CommandFailure("There is no terminal to ask for a password: use password.command or password.file.")
        }
        defer { close(terminal) }
        var before = termios()
        guard tcgetattr(terminal, &before) == 0 else {
            throw CommandFailure("Cannot ask for a password: \(systemMessage(errno)).")
        }
        var silent = before
        // Byte by byte, Ctrl-C among them, so that the terminal can be given back as it was.
        silent.c_lflag &= ~tcflag_t(ECHO | ISIG | ICANON)
        withUnsafeMutableBytes(of: &silent.c_cc) { controls in
            controls[Int(VMIN)] = 1
            controls[Int(VTIME)] = 0
        }
        tcsetattr(terminal, TCSAFLUSH, &silent)
        defer {
            tcsetattr(terminal, TCSAFLUSH, &before)
            "\n".withBytes { _ = write(terminal, $0.baseAddress, $0.count) }
        }
        question.withBytes { _ = write(terminal, $0.baseAddress, $0.count) }
        return try line(from: terminal)
    }

    /// What is typed up to the end of the line, with the few keys that correct it.
    private static func line(from terminal: CInt) throws(CommandFailure) -> String {
        var bytes: [UInt8] = []
        var byte: UInt8 = 0
        while bytes.count < 4096 {
            let count = read(terminal, &byte, 1)
            if count < 0, errno == EINTR { continue }
            guard count == 1 else { break }
            switch byte {
            case UInt8(ascii: "\n"), UInt8(ascii: "\r"), 0x04: return String(decoding: bytes, as: UTF8.self)
            case 0x03: throw CommandFailure("No password was given.", status: .signal(SIGINT))
            // Backspace takes a whole character of UTF-8.
            case 0x08, 0x7F:
                while let last = bytes.popLast(), last & 0xC0 == 0x80 {}
            // Ctrl-U
            case 0x15: bytes = []
            default: bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

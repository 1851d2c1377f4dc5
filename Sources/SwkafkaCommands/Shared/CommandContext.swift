import Glibc

/// The world as a command sees it; handed in, so that tests need no process.
struct CommandContext {
    /// Data for the next program.
    var output: ByteOutput
    /// The descriptor behind `output`, to notice when its reader goes away; nil when there is none.
    var outputDescriptor: CInt?
    /// Talk for the human, written at once.
    var errors: any ByteSink
    /// Where records and confirmations come from.
    var input: CInt
    var environment: [String: String]
    /// Where the process is: a project's settings are looked for from here upwards. nil for nowhere.
    var directory: String?
    var inputIsTerminal: Bool
    var outputIsTerminal: Bool
    /// Columns of the terminal on standard output; nil when there is none.
    var width: Int?
    /// What may end the command from outside.
    var interruptions: any InterruptionSource
    /// Wall clock in milliseconds since 1970.
    var nowMs: @Sendable () -> Int64
    var errorsAreTerminal = false
    /// Called by the name of one of Kafka's scripts.
    var isScript = false
    /// `--color`
    var colourChoice = ColourChoice.auto
    /// One look of many: what is printed once as a document is then one line, or one document of several.
    var isWatching = false

    /// Whether output should carry colours: unless told otherwise only to a terminal, and not when `NO_COLOR` is set to
    /// anything (no-color.org).
    var usesColour: Bool {
        switch colourChoice {
        case .always: true
        case .never: false
        case .auto: outputIsTerminal && (environment["NO_COLOR"] ?? "").isEmpty && environment["TERM"] != "dumb"
        }
    }

    /// Says something on standard error at once. A broken standard error is no reason to fail.
    func complain(_ text: String) {
        text.withBytes { try? errors.write($0) }
    }
}

extension String {
    /// The bytes of the text as UTF-8, for the time of the call.
    func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        var text = self
        return text.withUTF8 { body(UnsafeRawBufferPointer($0)) }
    }
}

extension CommandContext {
    /// The real process.
    static func process() -> CommandContext {
        let outputIsTerminal = isatty(STDOUT_FILENO) == 1
        return CommandContext(
            output: ByteOutput(DescriptorSink(STDOUT_FILENO)),
            outputDescriptor: STDOUT_FILENO,
            errors: DescriptorSink(STDERR_FILENO),
            input: STDIN_FILENO,
            environment: processEnvironment(
                [
                    "NO_COLOR", "SIGNAL", "TERM", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME",
                    ClusterHome.variable,
                    BrokerRunner.earlyAcknowledgement,
                ]
                    + UserSettings.variables
            ),
            directory: workingDirectory(),
            inputIsTerminal: isatty(STDIN_FILENO) == 1,
            outputIsTerminal: outputIsTerminal,
            width: outputIsTerminal ? terminalWidth(STDOUT_FILENO) : nil,
            interruptions: SignalInterruptions.shared,
            nowMs: wallClockMs,
            errorsAreTerminal: isatty(STDERR_FILENO) == 1
        )
    }
}

/// The wall clock in milliseconds since 1970.
@Sendable func wallClockMs() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
}

/// Only the variables that commands look at: copying the whole environment costs start-up time.
private func processEnvironment(_ names: [String]) -> [String: String] {
    var environment: [String: String] = [:]
    for name in names {
        if let value = getenv(name) { environment[name] = String(cString: value) }
    }
    return environment
}

private func workingDirectory() -> String? {
    guard let path = getcwd(nil, 0) else { return nil }
    defer { free(path) }
    return String(cString: path)
}

/// Columns of the terminal behind a descriptor; `COLUMNS` is not asked, since shells do not export it.
private func terminalWidth(_ descriptor: CInt) -> Int? {
    var size = winsize()
    guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
    return Int(size.ws_col)
}

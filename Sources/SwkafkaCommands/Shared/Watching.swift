import KafkaClient

/// Repeats a look until an interruption.
struct Watching {
    let seconds: Int
    let context: CommandContext

    /// On a terminal each look stands at the top of the screen; elsewhere one follows the other.
    /// - Parameter look: prints what there is now. A failure of the first one ends the command; later ones are told.
    func run(_ look: (CommandContext) async throws -> ExitStatus) async throws -> ExitStatus {
        var context = context
        context.isWatching = true
        context.interruptions.start(watching: context.outputDescriptor)
        var isFirst = true
        while true {
            if context.outputIsTerminal { try context.output.write("\u{1B}[H\u{1B}[2J") }
            do {
                let status = try await look(context)
                if isFirst, status == .usage { return status }
            } catch let error as OutputError {
                throw error
            } catch {
                let failure = error as? CommandFailure
                if isFirst, failure != nil { throw error }
                // The next look may work again.
                context.complain(failure?.text ?? "\((error as? KafkaClientError)?.message ?? "\(error)")\n")
            }
            isFirst = false
            try context.output.flush()
            if let interruption = try await interruption(within: .seconds(seconds)) { return interruption.status }
        }
    }

    private func interruption(within pause: Duration) async throws -> Interruption? {
        let interruptions = context.interruptions
        return await withTaskGroup(of: Interruption?.self) { tasks in
            tasks.addTask { await interruptions.wait() }
            tasks.addTask {
                try? await Task.sleep(for: pause)
                return nil
            }
            let first = await tasks.next() ?? nil
            tasks.cancelAll()
            return first
        }
    }
}

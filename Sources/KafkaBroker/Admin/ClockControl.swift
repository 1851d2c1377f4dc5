/// Lets the owner of a broker set its clock through the admin socket.
struct ClockControl: Sendable {
    let clock: SettableClock
    let socket: AdminSocket

    /// Answers until `close`. A change is answered when the regular work that became due by it is done, so that who
    /// asked for it finds its effects.
    func run(settling maintenance: Maintenance) async {
        await socket.run { [clock] line in
            guard let command = ClockCommand(line: line) else {
                return ClockAnswer.refused("the broker does not know '\(line)'").line
            }
            let answer = clock.perform(command)
            if command != .show { await maintenance.settle() }
            return answer.line
        }
    }

    func close() async { await socket.close() }
}

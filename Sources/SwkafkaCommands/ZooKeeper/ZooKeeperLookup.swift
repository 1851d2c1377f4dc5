/// Finds the brokers' addresses that `--zookeeper` of the old scripts stands for.
///
/// Clusters keep no ZooKeeper since Kafka 4.0, but old command lines name one. Its `/brokers/ids` tells where the
/// brokers are, and everything else goes over Kafka's own protocol.
struct ZooKeeperLookup: Sendable {
    let address: ZooKeeperAddress
    /// Endpoints for other protocols are of no use.
    let securityProtocol: String

    /// What was found at the address.
    enum Finding: Equatable, Sendable {
        /// Addresses of brokers, from a ZooKeeper.
        case brokers([String])
        /// No ZooKeeper, but a broker at this address.
        case broker(String)
    }

    private static let patienceMs: Int32 = 5_000

    /// Blocks for some seconds at most: to be called on a thread of its own.
    func find() throws(CommandFailure) -> Finding {
        var failures: [String] = []
        for host in address.hosts {
            do throws(SocketFailure) {
                if let brokers = try brokers(host) { return .brokers(try usable(brokers, host)) }
                if try isKafka(host) { return .broker(host.text) }
                failures.append("\(host.text) speaks neither ZooKeeper's protocol nor Kafka's")
            } catch {
                switch error {
                case .io(let reason): failures.append("\(host.text): \(reason)")
                case .told(let failure): throw failure
                }
            }
        }
        throw CommandFailure(
            "Cannot ask ZooKeeper where the brokers are: \(failures.joined(separator: "; ")).",
            hint: "Kafka has no ZooKeeper since 4.0: give a broker's address with --bootstrap-server."
        )
    }

    /// The registrations; nil when what answers is no ZooKeeper.
    private func brokers(_ host: ZooKeeperAddress.Host) throws(SocketFailure) -> [BrokerRegistration]? {
        let socket = try BlockingSocket(host.name, host.port, patienceMs: Self.patienceMs)
        try socket.send(ZooKeeperMessages.connect())
        guard let greeting = try? socket.frame(limit: ZooKeeperMessages.largestFrame),
            ZooKeeperMessages.isSession(greeting)
        else { return nil }
        var id: Int32 = 0
        func ask(_ operation: ZooKeeperMessages.Operation, _ path: String) throws(SocketFailure) -> JuteReader? {
            id += 1
            try socket.send(ZooKeeperMessages.request(operation, id: id, path: path))
            while true {
                let frame = try socket.frame(limit: ZooKeeperMessages.largestFrame)
                guard let answer = ZooKeeperMessages.answer(frame) else { throw .io("an answer is cut short") }
                // Events of watches and answers to pings have numbers below 0.
                guard answer.id == id else { continue }
                if answer.error == 0 { return answer.body }
                if answer.error == ZooKeeperMessages.noNode { return nil }
                throw .io("it refuses to show \(path) (error \(answer.error))")
            }
        }
        let folder = address.chroot + "/brokers/ids"
        guard var list = try ask(.children, folder) else {
            throw .told(nothing(host, "there is no \(folder)"))
        }
        guard let names = list.strings() else { throw .io("the list of brokers is cut short") }
        var registrations: [BrokerRegistration] = []
        for name in names.sorted() {
            // A broker may go between the two questions.
            guard var data = try ask(.data, folder + "/" + name), let bytes = data.buffer() else { continue }
            if let registration = BrokerRegistration(bytes) { registrations.append(registration) }
        }
        try? socket.send(ZooKeeperMessages.request(.close, id: id + 1, path: ""))
        return registrations
    }

    private func usable(
        _ brokers: [BrokerRegistration],
        _ host: ZooKeeperAddress.Host
    ) throws(SocketFailure) -> [String] {
        guard !brokers.isEmpty else {
            throw .told(nothing(host, "no broker is registered under \(address.chroot)/brokers/ids"))
        }
        let endpoints = brokers.flatMap(\.endpoints)
        let usable = endpoints.filter { $0.securityProtocol == securityProtocol }.map(\.address)
        guard !usable.isEmpty else {
            let offered = Set(endpoints.map(\.securityProtocol)).sorted().joined(separator: ", ")
            throw .told(
                CommandFailure(
                    "The brokers that ZooKeeper at \(host.text) names have no \(securityProtocol) listener: they "
                        + "offer \(offered).",
                    hint: "Set security.protocol in a file for --command-config."
                )
            )
        }
        return usable
    }

    private func nothing(_ host: ZooKeeperAddress.Host, _ reason: String) -> CommandFailure {
        CommandFailure(
            "ZooKeeper at \(host.text) knows no brokers: \(reason).",
            hint: "Is the part after the slash (chroot) right, and does a broker run? "
                + "Clusters since Kafka 4.0 keep no ZooKeeper: give a broker's address with --bootstrap-server."
        )
    }

    private func isKafka(_ host: ZooKeeperAddress.Host) throws(SocketFailure) -> Bool {
        let socket = try BlockingSocket(host.name, host.port, patienceMs: Self.patienceMs)
        let id: Int32 = 0x5EE4
        try socket.send(ZooKeeperMessages.kafkaVersions(id: id))
        guard let frame = try? socket.frame(limit: ZooKeeperMessages.largestFrame) else { return false }
        return ZooKeeperMessages.isKafka(frame, id: id)
    }
}

/// What goes wrong on the way to a ZooKeeper.
enum SocketFailure: Error {
    /// With this host: another one may do.
    case io(String)
    /// Nothing that another host would change.
    case told(CommandFailure)
}

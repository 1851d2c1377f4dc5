import KafkaClient
import KafkaMessages
import KafkaTransport
import KafkaWire
import Logging
import NIOPosix

/// The first steps to one broker: its name, its port, its protocol, its versions.
struct HostVisit: Sendable {
    /// Who gave the address.
    enum Role: Equatable, Sendable {
        case bootstrap
        case advertised(Int32)
    }

    struct Outcome {
        var findings: [Checkup]
        /// nil when the visit ended before the versions were known.
        var connection: ClientConnection?
    }

    let address: ServerAddress
    let role: Role
    let nearbyPorts: [Int]
    let timeout: Duration

    static func subject(_ address: ServerAddress, _ role: Role) -> String {
        switch role {
        case .bootstrap: "Bootstrap server \(address)"
        case .advertised(let id): "Broker \(id) at \(address)"
        }
    }

    private var subject: String { Self.subject(address, role) }

    private var peer: PeerAddress {
        let source: PeerAddress.Source =
            switch role {
            case .bootstrap: .bootstrap
            case .advertised(let id): .advertised(brokerID: id)
            }
        return PeerAddress(host: address.host, port: address.port, source: source)
    }

    func run() async -> Outcome {
        var findings: [Checkup] = []
        guard let hosts = await lookUp(&findings), await dial(hosts, &findings) else {
            return Outcome(findings: findings)
        }
        let start = ContinuousClock.now
        do throws(ConnectionError) {
            let connection = try await Self.connect(peer, timeout)
            let count = connection.apiVersions.apiKeys.count
            findings.append(.good("ApiVersions", subject, "\(count) APIs", .now - start))
            findings += VersionCheck.findings(connection.versions, subject: subject)
            if findings.contains(where: { $0.verdict == .failure }) {
                await connection.closeAndWait()
                return Outcome(findings: findings)
            }
            return Outcome(findings: findings, connection: connection)
        } catch {
            findings.append(await strange(error, hosts))
            return Outcome(findings: findings)
        }
    }

    /// A connection of its own, its versions known.
    static func connect(_ peer: PeerAddress, _ timeout: Duration) async throws(ConnectionError) -> ClientConnection {
        var options = KafkaTransport.ConnectionOptions(clientID: "swkafka-doctor")
        options.connectTimeout = timeout
        options.negotiationTimeout = timeout
        options.requestTimeout = timeout
        let silent = Logger(label: "swkafka.doctor") { _ in SwiftLogNoOpLogHandler() }
        return try await ClientConnection.connect(
            to: peer,
            options: options,
            on: MultiThreadedEventLoopGroup.singleton,
            logger: silent
        )
    }

    // MARK: Name and port

    private func lookUp(_ findings: inout [Checkup]) async -> [HostLookup.Address]? {
        let start = ContinuousClock.now
        do {
            let hosts = try await onOwnThread { [address] in
                try HostLookup.addresses(of: address.host, port: address.port)
            }
            let list = hosts.map(\.text).joined(separator: ", ")
            findings.append(.good("name lookup", subject, list, .now - start))
            return hosts
        } catch {
            let reason = (error as? HostLookup.Failure)?.reason ?? "\(error)"
            let diagnosis = ConnectionDiagnosis.of(.nameNotFound(peer), role)
            findings.append(.bad("name lookup", subject, reason, diagnosis))
            return nil
        }
    }

    /// Tries every address of the name: clients take the first that answers, but a dead one costs them time.
    private func dial(_ hosts: [HostLookup.Address], _ findings: inout [Checkup]) async -> Bool {
        var failures: [(host: HostLookup.Address, failure: SocketDial.Failure)] = []
        var reached: String?
        let start = ContinuousClock.now
        for host in hosts {
            do {
                _ = try await onOwnThread { [timeout] in try SocketProbe.exchange(with: host, timeout: timeout) }
                reached = reached ?? host.text
            } catch {
                failures.append((host, error as? SocketDial.Failure ?? .init(code: EIO)))
            }
        }
        let list = failures.map { "\($0.host.text): \($0.failure.reason)" }.joined(separator: "; ")
        guard let reached else {
            let refused = failures.contains { $0.failure.code == ECONNREFUSED }
            let neighbour = refused ? await nearbyBroker() : nil
            let error: ConnectionError =
                refused
                ? .refused(peer)
                : failures.contains { $0.failure.code == ETIMEDOUT }
                    ? .connectTimedOut(peer, after: timeout) : .unreachable(peer, reason: list)
            let diagnosis = neighbour.map { ConnectionDiagnosis.wrongPort(peer, $0) }
            findings.append(.bad("TCP", subject, list, diagnosis ?? ConnectionDiagnosis.of(error, role)))
            return false
        }
        findings.append(.good("TCP", subject, "connected to \(reached)", .now - start))
        if !failures.isEmpty {
            findings.append(
                .bad(
                    "TCP",
                    subject,
                    list,
                    Diagnosis(
                        "The name \(address.host) has addresses where nothing answers on port \(address.port).",
                        remedy: "Give the address that answers: --bootstrap-server \(reached):\(address.port)."
                    ),
                    .warning
                )
            )
        }
        return true
    }

    /// A port of the same host where a Kafka broker answers.
    private func nearbyBroker() async -> Int? {
        for port in nearbyPorts where port != address.port {
            let peer = PeerAddress(host: address.host, port: port)
            guard let connection = try? await Self.connect(peer, min(timeout, .seconds(1))) else { continue }
            await connection.closeAndWait()
            return port
        }
        return nil
    }

    // MARK: Protocol

    /// Somebody listens there and does not answer as a broker: in TLS, perhaps?
    private func strange(_ error: ConnectionError, _ hosts: [HostLookup.Address]) async -> Checkup {
        let random = withUnsafeBytes(of: KafkaUUID.random()) { Array($0) }
        let hello = SocketProbe.clientHello(random: random + random)
        for host in hosts {
            let answer = try? await onOwnThread { [timeout] in
                try SocketProbe.exchange(with: host, sending: hello, timeout: timeout)
            }
            if let answer, SocketProbe.isTLS(answer) {
                return .bad("TLS", subject, "it answers a greeting in TLS", ConnectionDiagnosis.needsTLS(peer))
            }
        }
        return .bad("ApiVersions", subject, error.failure, ConnectionDiagnosis.of(error, role))
    }
}

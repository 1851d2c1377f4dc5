import KafkaClient
import KafkaMessages
import KafkaTransport

/// The way of a client into a cluster, one step after the other: what `doctor` does.
///
/// Every step gets connections of its own, so that the fault of one does not hide in another's retries.
struct Examination: Sendable {
    let addresses: [ServerAddress]
    /// `security.protocol` as the user has set it.
    let securityProtocol: String
    /// Ports to look at on a host that refuses a connection.
    let nearbyPorts: [Int]
    /// For each step.
    let timeout: Duration

    /// All steps that could be taken, in their order.
    func run() async -> [Checkup] {
        var findings: [Checkup] = []
        if securityProtocol.uppercased() != "PLAINTEXT" {
            findings.append(
                .bad(
                    "settings",
                    "This client",
                    "security.protocol=\(securityProtocol)",
                    Diagnosis(
                        "The settings ask for \(securityProtocol), and this version speaks PLAINTEXT only.",
                        remedy: "security.protocol=PLAINTEXT, with the address of a listener that allows it."
                    )
                )
            )
        }
        var connections: [ServerAddress: ClientConnection] = [:]
        for address in addresses {
            let visit = await visit(address, as: .bootstrap)
            findings += visit.findings
            connections[address] = visit.connection
        }
        if let (_, first) = connections.min(by: { "\($0.key)" < "\($1.key)" }) {
            // One of several that does not answer is no reason not to work.
            if connections.count < addresses.count { findings = findings.map(\.softened) }
            await examineCluster(first, &connections, &findings)
        }
        for connection in connections.values { await connection.closeAndWait() }
        return findings
    }

    private func visit(_ address: ServerAddress, as role: HostVisit.Role) async -> HostVisit.Outcome {
        await HostVisit(address: address, role: role, nearbyPorts: nearbyPorts, timeout: timeout).run()
    }

    // MARK: The cluster

    private func examineCluster(
        _ first: ClientConnection,
        _ connections: inout [ServerAddress: ClientConnection],
        _ findings: inout [Checkup]
    ) async {
        let subject = "The cluster"
        var request = MetadataRequest()
        request.topics = nil
        request.allowAutoTopicCreation = false
        let start = ContinuousClock.now
        let metadata: MetadataResponse
        do throws(ConnectionError) {
            metadata = try await first.send(request, timeout: timeout)
        } catch {
            findings.append(await refusedMetadata(error, first))
            return
        }
        let brokers = metadata.brokers.sorted { $0.nodeId < $1.nodeId }
        findings.append(
            .good(
                "Metadata",
                subject,
                "\(brokers.count) broker\(brokers.count == 1 ? "" : "s"), \(metadata.topics.count) "
                    + "topic\(metadata.topics.count == 1 ? "" : "s")",
                .now - start
            )
        )
        findings += ClusterHealth.findings(metadata, subject: subject)
        for broker in brokers {
            let address = ServerAddress(host: broker.host, port: Int(broker.port))
            guard connections[address] == nil else {
                let visit = HostVisit.subject(address, .advertised(broker.nodeId))
                findings.append(.good("advertised address", visit, "the one that was just examined"))
                continue
            }
            let visit = await visit(address, as: .advertised(broker.nodeId))
            findings += visit.findings
            connections[address] = visit.connection
        }
        await fetchOnce(metadata, connections, &findings)
        await findCoordinator(metadata, first, &findings)
    }

    /// ApiVersions went well and Metadata did not: a listener that wants SASL ends the connection there.
    private func refusedMetadata(_ error: ConnectionError, _ connection: ClientConnection) async -> Checkup {
        let subject = "\(connection.peer.hostAndPort)"
        if case .closed = error, let mechanisms = await saslMechanisms(connection.peer) {
            return .bad(
                "SASL",
                subject,
                "the broker hangs up on a client that does not log in; it offers \(mechanisms.joined(separator: ", "))",
                Diagnosis(
                    "The listener at \(subject) wants clients to log in (SASL), and this client did not.",
                    remedy: "Use the address of a PLAINTEXT listener: this version does not speak SASL. Others set "
                        + "security.protocol=SASL_PLAINTEXT or SASL_SSL, sasl.mechanism and sasl.jaas.config."
                )
            )
        }
        return .bad("Metadata", subject, error.failure, ConnectionDiagnosis.of(error, .bootstrap))
    }

    /// What the peer offers for logging in; nil when it does not want that.
    private func saslMechanisms(_ peer: PeerAddress) async -> [String]? {
        guard let connection = try? await HostVisit.connect(peer, timeout) else { return nil }
        let response = try? await connection.send(SaslHandshakeRequest(mechanism: "PLAIN"), timeout: timeout)
        await connection.closeAndWait()
        guard let response, [.none, .unsupportedSaslMechanism].contains(response.errorCode) else { return nil }
        return response.mechanisms
    }

    // MARK: Work

    /// Fetches from one partition, the first that can be reached.
    private func fetchOnce(
        _ metadata: MetadataResponse,
        _ connections: [ServerAddress: ClientConnection],
        _ findings: inout [Checkup]
    ) async {
        let brokers = Dictionary(metadata.brokers.map { ($0.nodeId, $0) }) { first, _ in first }
        for topic in metadata.topics where topic.errorCode == .none && !topic.isInternal {
            for partition in topic.partitions {
                guard let name = topic.name, let leader = brokers[partition.leaderId],
                    let connection = connections[ServerAddress(host: leader.host, port: Int(leader.port))]
                else { continue }
                findings.append(await fetch(name, partition.partitionIndex, connection))
                return
            }
        }
        findings.append(.good("fetch", "Work", "there is no topic to fetch from"))
    }

    private func fetch(_ topic: String, _ partition: Int32, _ connection: ClientConnection) async -> Checkup {
        let subject = "Work"
        let start = ContinuousClock.now
        do throws(ConnectionError) {
            let end = try await endOffset(topic, partition, connection)
            var item = FetchRequest.FetchPartition()
            item.partition = partition
            item.fetchOffset = end
            item.partitionMaxBytes = 1
            var request = FetchRequest()
            request.maxBytes = 1
            request.sessionEpoch = -1
            request.topics = [FetchRequest.FetchTopic(topic: topic, partitions: [item])]
            // Later versions name topics by their ids.
            let version = try connection.version(of: FetchRequest.self, atMost: 12)
            let response = try await connection.send(request, version: version, timeout: timeout)
            let code = response.responses.first?.partitions.first?.errorCode ?? response.errorCode
            guard code == .none else {
                return .bad(
                    "fetch",
                    subject,
                    "\(topic)-\(partition): \(code.name)",
                    Diagnosis(
                        "Partition \(topic)-\(partition) cannot be read: \(code.message)",
                        remedy: "See 'swkafka describe topic \(topic)'."
                    )
                )
            }
            return .good("fetch", subject, "\(topic)-\(partition) at offset \(end)", .now - start)
        } catch {
            return .bad("fetch", subject, error.failure, ConnectionDiagnosis.of(error, .bootstrap))
        }
    }

    private func endOffset(
        _ topic: String,
        _ partition: Int32,
        _ connection: ClientConnection
    ) async throws(ConnectionError) -> Int64 {
        var item = ListOffsetsRequest.ListOffsetsPartition()
        item.partitionIndex = partition
        item.timestamp = -1
        var request = ListOffsetsRequest()
        request.replicaId = -1
        request.topics = [ListOffsetsRequest.ListOffsetsTopic(name: topic, partitions: [item])]
        let response = try await connection.send(request, timeout: timeout)
        return max(0, response.topics.first?.partitions.first?.offset ?? 0)
    }

    /// Asks for one coordinator, where that makes nothing new: the first such question creates the topic of offsets.
    private func findCoordinator(
        _ metadata: MetadataResponse,
        _ connection: ClientConnection,
        _ findings: inout [Checkup]
    ) async {
        guard metadata.topics.contains(where: { $0.name == "__consumer_offsets" }) else {
            findings.append(.good("coordinator", "Work", "no group has been here yet"))
            return
        }
        var request = FindCoordinatorRequest()
        request.key = "swkafka-doctor"
        let start = ContinuousClock.now
        do throws(ConnectionError) {
            // Later versions ask for several at once.
            let version = try connection.version(of: FindCoordinatorRequest.self, atMost: 3)
            let response = try await connection.send(request, version: version, timeout: timeout)
            guard response.errorCode == .none else {
                findings.append(
                    .bad(
                        "coordinator",
                        "Work",
                        response.errorCode.name,
                        Diagnosis(
                            "No broker coordinates groups at the moment: \(response.errorCode.message)",
                            remedy: "See 'swkafka describe topic __consumer_offsets': each partition needs a leader."
                        )
                    )
                )
                return
            }
            findings.append(.good("coordinator", "Work", "broker \(response.nodeId)", .now - start))
        } catch {
            findings.append(.bad("coordinator", "Work", error.failure, ConnectionDiagnosis.of(error, .bootstrap)))
        }
    }
}

extension Checkup {
    /// The same as a warning, where it was a failure.
    fileprivate var softened: Checkup {
        var finding = self
        if finding.verdict == .failure { finding.verdict = .warning }
        return finding
    }
}

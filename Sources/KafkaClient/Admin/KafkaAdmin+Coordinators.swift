extension KafkaAdmin {
    /// Asks the coordinators of groups or transactional ids, all at once, and again where that may help.
    ///
    /// - Parameter ask: asks one broker about names that it coordinates; names that it leaves out count as unanswered.
    /// - Returns: the answer, or why there is none, by name.
    /// - Throws: when no broker could be asked who the coordinators are.
    func askCoordinators<Answer: Sendable>(
        of kind: CoordinatorKey.Kind,
        about names: [String],
        deadline: Deadline,
        ask:
            @escaping @Sendable (_ node: Node, _ names: [String]) async throws(KafkaClientError)
            -> [String: Result<Answer, KafkaClientError>]
    ) async throws(KafkaClientError) -> [String: Result<Answer, KafkaClientError>] {
        let names = Set(names).sorted()
        var results: [String: Result<Answer, KafkaClientError>] = [:]
        var attempt = 0
        while true {
            let pending = names.filter { name in
                switch results[name] {
                case nil: true
                case .failure(let error): error.isRetriable
                case .success: false
                }
            }
            guard !pending.isEmpty else { return results }
            if attempt > 0 {
                guard await cluster.sleep(cluster.backoff.pause(afterFailures: attempt), deadline: deadline) else {
                    if Task.isCancelled { throw .wasCancelled }
                    return results
                }
            }
            attempt += 1
            let found: [String: Result<Node, KafkaClientError>]
            do throws(KafkaClientError) {
                found = try await cluster.coordinators(of: kind, pending, deadline: deadline)
            } catch {
                // A name that has an answer keeps it when a later look fails.
                guard error.isRetriable || results.count == names.count else { throw error }
                for name in pending where results[name] == nil {
                    results[name] = .failure(error)
                }
                continue
            }
            var routed: [(node: Node, name: String)] = []
            for name in pending {
                switch found[name] {
                case .success(let node): routed.append((node, name))
                case .failure(let error): results[name] = .failure(error)
                case nil: continue
                }
            }
            let answers = await askEach(kind, grouped(routed, by: \.node), ask)
            results.merge(answers) { _, new in new }
        }
    }

    /// Asks several coordinators at once; one that cannot be asked answers for all its names with the failure.
    private func askEach<Answer: Sendable>(
        _ kind: CoordinatorKey.Kind,
        _ groups: [(key: Node, elements: [(node: Node, name: String)])],
        _ ask:
            @escaping @Sendable (Node, [String]) async throws(KafkaClientError)
            -> [String: Result<Answer, KafkaClientError>]
    ) async -> [String: Result<Answer, KafkaClientError>] {
        await withTaskGroup(of: [String: Result<Answer, KafkaClientError>].self) { [cluster] tasks in
            for (node, elements) in groups {
                let names = elements.map(\.name)
                tasks.addTask {
                    var answers: [String: Result<Answer, KafkaClientError>] = [:]
                    do throws(KafkaClientError) {
                        answers = try await ask(node, names)
                    } catch {
                        for name in names {
                            answers[name] = .failure(error)
                        }
                    }
                    for name in names {
                        switch answers[name] {
                        case .failure(let error) where error.refreshesCoordinator:
                            cluster.forgetCoordinator(of: CoordinatorKey(kind, name), node: node.id)
                        case nil:
                            let error = "Broker \(node.id) did not answer for \(CoordinatorKey(kind, name))."
                            answers[name] = .failure(KafkaClientError(.protocolViolation, error))
                        default: continue
                        }
                    }
                    return answers
                }
            }
            return await tasks.reduce(into: [:]) { all, some in all.merge(some) { _, new in new } }
        }
    }
}

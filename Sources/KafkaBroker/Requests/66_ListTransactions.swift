import KafkaCoordination
import KafkaMessages

/// ListTransactions (66), versions 0 to 2: the transactional ids that this broker coordinates.
///
/// 1 only transactions that began longer ago than a duration; 2 only ids that a regular expression describes as a whole.
struct ListTransactionsHandler: APIHandler {
    static let versions: ClosedRange<Int16> = 0...2

    let core: BrokerCore

    func handle(
        _ request: ListTransactionsRequest,
        _ context: RequestContext
    ) async -> Reply<ListTransactionsResponse> {
        var response = ListTransactionsResponse()
        var filter = TransactionCoordinator.Filter()
        for name in request.stateFilters {
            if let state = TransactionState(name: name) {
                filter.states.insert(state)
            } else {
                response.unknownStateFilters.append(name)
            }
        }
        // Who asks for unknown states alone gets nothing.
        if filter.states.isEmpty, !request.stateFilters.isEmpty { return .respond(response) }
        filter.producerIDs = Set(request.producerIdFilters)
        filter.longerThanMs = request.durationFilter
        do throws(CoordinatorError) {
            let pattern = try pattern(request.transactionalIdPattern)
            for shard in core.transactions.shards {
                response.transactionStates += try await list(shard, filter).filter { listed in
                    pattern?.matchesWhole(listed.transactionalId) ?? true
                }
            }
            response.transactionStates.sort { $0.transactionalId < $1.transactionalId }
        } catch {
            response = ListTransactionsResponse(errorCode: error.code)
        }
        return .respond(response)
    }

    private func list(
        _ shard: CoordinatorShard<TransactionCoordinator>,
        _ filter: TransactionCoordinator.Filter
    ) async throws(CoordinatorError) -> [ListTransactionsResponse.TransactionState] {
        do throws(CoordinatorError) {
            return try await shard.perform { machine, nowMs in
                TransactionResult(
                    answer: machine.list(filter, nowMs: nowMs).map { id, transaction in
                        .init(
                            transactionalId: id,
                            producerId: transaction.producerID,
                            transactionState: transaction.state.name
                        )
                    }
                )
            }
        } catch {
            // Another broker lists what has moved there.
            if error.code == .notCoordinator { return [] }
            throw error
        }
    }

    private func pattern(_ text: String?) throws(CoordinatorError) -> LinearPattern? {
        guard let text, !text.isEmpty else { return nil }
        do throws(PatternError) {
            return try LinearPattern(text)
        } catch {
            throw CoordinatorError(.invalidRegularExpression, error.description)
        }
    }
}

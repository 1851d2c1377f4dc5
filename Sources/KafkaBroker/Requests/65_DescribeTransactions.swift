import KafkaCoordination
import KafkaMessages

/// DescribeTransactions (65), version 0: how transactional ids stand.
struct DescribeTransactionsHandler: APIHandler {
    static let versions: ClosedRange<Int16> = 0...0

    let core: BrokerCore

    func handle(
        _ request: DescribeTransactionsRequest,
        _ context: RequestContext
    ) async -> Reply<DescribeTransactionsResponse> {
        var response = DescribeTransactionsResponse()
        for id in request.transactionalIds {
            do throws(CoordinatorError) {
                guard !id.isEmpty else { throw CoordinatorError(.invalidRequest) }
                response.transactionStates.append(
                    try await core.transactions.shard(for: id).perform { machine, _ in
                        TransactionResult(answer: machine.describe(id))
                    }
                )
            } catch {
                response.transactionStates.append(.init(errorCode: error.code, transactionalId: id))
            }
        }
        return .respond(response)
    }
}

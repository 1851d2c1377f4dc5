import KafkaCoordination
import KafkaMessages

/// OffsetFetch (9), versions 1 to 9: how far groups have read.
///
/// 2 all topics at once, an error for the whole; 3 throttle time; 5 leader epochs; 6 flexible; 7 only offsets that no
/// open transaction may change; 8 several groups; 9 members of consumer groups name themselves.
struct OffsetFetchHandler: APIHandler {
    static let versions: ClosedRange<Int16> = 1...9

    let core: BrokerCore

    func handle(_ request: OffsetFetchRequest, _ context: RequestContext) async -> Reply<OffsetFetchResponse> {
        guard context.version < 8 else {
            var response = OffsetFetchResponse()
            for group in request.groups {
                response.groups.append(await fetch(group, requireStable: request.requireStable))
            }
            return .respond(response)
        }
        let group = OffsetFetchRequest.OffsetFetchRequestGroup(
            groupId: request.groupId,
            topics: request.topics?.map { .init(name: $0.name, partitionIndexes: $0.partitionIndexes) }
        )
        let answer = await fetch(group, requireStable: request.requireStable)
        return .respond(Self.single(answer, request, context.version))
    }

    private func fetch(
        _ request: OffsetFetchRequest.OffsetFetchRequestGroup,
        requireStable: Bool
    ) async -> OffsetFetchResponse.OffsetFetchResponseGroup {
        do throws(CoordinatorError) {
            let shard = try core.groups.shard(for: request.groupId)
            return try await shard.perform { groups, _ in
                groups.fetchOffsets(request, requireStable: requireStable)
            }
        } catch {
            return OffsetFetchResponse.OffsetFetchResponseGroup(groupId: request.groupId, errorCode: error.code)
        }
    }

    /// The answer in the layout of versions that ask for one group. Version 1 has no error for the whole.
    private static func single(
        _ group: OffsetFetchResponse.OffsetFetchResponseGroup,
        _ request: OffsetFetchRequest,
        _ version: Int16
    ) -> OffsetFetchResponse {
        guard group.errorCode == .none else {
            guard version < 2 else { return OffsetFetchResponse(errorCode: group.errorCode) }
            return OffsetFetchResponse(
                topics: (request.topics ?? []).map { topic in
                    .init(
                        name: topic.name,
                        partitions: topic.partitionIndexes.map {
                            .init(
                                partitionIndex: $0,
                                committedOffset: -1,
                                committedLeaderEpoch: -1,
                                metadata: "",
                                errorCode: group.errorCode
                            )
                        }
                    )
                }
            )
        }
        return OffsetFetchResponse(
            topics: group.topics.map { topic in
                .init(
                    name: topic.name,
                    partitions: topic.partitions.map {
                        .init(
                            partitionIndex: $0.partitionIndex,
                            committedOffset: $0.committedOffset,
                            committedLeaderEpoch: $0.committedLeaderEpoch,
                            metadata: $0.metadata,
                            errorCode: $0.errorCode
                        )
                    }
                )
            }
        )
    }
}

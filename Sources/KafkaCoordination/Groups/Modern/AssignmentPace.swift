/// How often a group computes its target anew.
///
/// Each computation looks at all members. Were there one for each that comes or goes, ten thousand members could not join
/// before the first of them are given up for silent. So a group that is no longer small gathers changes for a time that
/// grows with its size, as Kafka does since 4.3 with `group.consumer.assignment.interval.ms` (KIP-1263), there a second
/// whatever the size: who joins meanwhile is in the group, has nothing yet, and hears more with a later heartbeat.
package struct AssignmentPace: Equatable, Sendable {
    /// Up to so many members every change counts at once.
    package var promptMembers = 100
    /// Beyond, microseconds between two computations for each member: ten thousand members wait a second at most.
    package var microsecondsPerMember = 100

    package init() {}

    /// Milliseconds between the starts of two computations for so many members.
    package func intervalMs(_ members: Int) -> Int64 {
        members <= promptMembers ? 0 : Int64(members) * Int64(microsecondsPerMember) / 1000
    }
}

import Testing

@testable import SwkafkaCommands

@Suite struct ReadingBoundsTests {
    private typealias Place = ReadingBounds.Place

    @Test(
        arguments: [
            ("42", .offset(42)), ("0", .offset(0)), ("@1700000000000", .time(1_700_000_000_000)),
            ("-2h", .time(92_800_000)), ("-90s", .time(99_910_000)), ("-500ms", .time(99_999_500)),
            ("-3d", .time(0)), ("1970-01-02", .time(86_400_000)), ("1970-01-02T01:00", .time(90_000_000)),
            ("1970-01-02T01:00:05", .time(90_005_000)), ("1970-01-02T01:00:05.250Z", .time(90_005_250)),
            ("1970-01-02T01:00:00+01:00", .time(86_400_000)),
        ] as [(String, ReadingBounds.Place)]
    )
    func places(text: String, place: ReadingBounds.Place) throws {
        #expect(try Place(text, nowMs: 100_000_000) == place)
    }

    @Test(arguments: ["", "-", "-2", "-2y", "@", "@-1", "soon", "2026-13-01", "-99999999999999999d", "1.5"])
    func noPlaces(text: String) {
        #expect(throws: CommandFailure.self) { try Place(text, nowMs: 0) }
    }

    @Test func offsets() {
        var bounds = ReadingBounds(from: .offset(3), until: .offset(8))
        #expect(bounds.range(first: 5, end: 20, fromTime: nil, untilTime: nil) == .init(start: 5, end: 8))
        bounds.exitsAtEnd = true
        #expect(bounds.range(first: 0, end: 6, fromTime: nil, untilTime: nil) == .init(start: 3, end: 6))
    }

    @Test func times() {
        let bounds = ReadingBounds(from: .time(1), until: .time(2))
        #expect(bounds.range(first: 0, end: 9, fromTime: 4, untilTime: 7) == .init(start: 4, end: 7))
        #expect(bounds.range(first: 0, end: 9, fromTime: 4, untilTime: nil) == .init(start: 4, end: 9))
        #expect(bounds.range(first: 0, end: 9, fromTime: nil, untilTime: nil).isEmpty)
    }

    @Test func withoutAnEnd() {
        let range = ReadingBounds(from: .offset(3)).range(first: 0, end: 9, fromTime: nil, untilTime: nil)
        #expect(range == .init(start: 3, end: nil) && !range.isEmpty)
        #expect(ReadingBounds().range(first: 0, end: 9, fromTime: nil, untilTime: nil) == .init(start: 9, end: nil))
    }

    @Test(
        arguments: [
            ["--tail", "0"], ["--tail", "5", "--from", "3"], ["--tail", "5", "--from-beginning"], ["--from", "never"],
            ["--output", "json", "--formatter", "NoOpMessageFormatter"],
        ]
    )
    func wrongWords(words: [String]) async {
        let result = await transcript(
            ["console-consumer", "--bootstrap-server", "127.0.0.1:1", "--topic", "t"] + words
        )
        #expect(result.status == 2, "\(result)")
    }
}

import Testing

@testable import SwkafkaCommands

@Suite struct TopicPatternTests {
    @Test func filtersRewriteCommasAndBlanks() throws {
        let names = ["__consumer_offsets", "my.other", "my_topic", "orders", "pay"]
        func chosen(_ filter: String) throws -> [String] {
            let pattern = try TopicPattern(filter: filter)
            return names.filter(pattern.matches)
        }
        #expect(try chosen("my.*") == ["my.other", "my_topic"])
        #expect(try chosen("orders,pay") == ["orders", "pay"])
        #expect(try chosen(" \"orders , pay\" ") == ["orders", "pay"])
        #expect(try chosen("my.topic") == ["my_topic"])
        #expect(try chosen("(orders|pay)") == ["orders", "pay"])
        #expect(try chosen("order").isEmpty)
        #expect(try chosen("nope").isEmpty)
        #expect(try chosen("[op].*") == ["orders", "pay"])
        #expect(try chosen("__.*") == ["__consumer_offsets"])
    }

    @Test func expressionsAreTakenAsTheyAre() throws {
        #expect(try !TopicPattern(expression: "c2,c3").matches("c2"))
        #expect(try TopicPattern(expression: "c[23]").matches("c3"))
        #expect(try TopicPattern(expression: "\\w+-\\d{2}").matches("abc-12"))
        #expect(try !TopicPattern(expression: "a|b").matches("ab"))
    }

    @Test func aWrongExpressionIsAnError() {
        #expect(throws: CommandFailure("a[ is an invalid regex.")) { try TopicPattern(filter: "a[") }
    }
}

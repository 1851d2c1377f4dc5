import Testing

@testable import SwkafkaCommands

@Suite struct DeleteRecordsTests {
    private func read(_ text: String) throws -> [DeleteRecordsTarget] { try DeleteRecordsTarget.read(Array(text.utf8)) }

    @Test func readsTheFileSorted() throws {
        let text = """
            {"partitions":[{"topic":"b","partition":1,"offset":-1,"x":1},{"topic":"a","partition":0,"offset":5}],
             "version":1,"y":2}
            """
        #expect(
            try read(text) == [
                DeleteRecordsTarget(topic: "a", partition: 0, offset: 5),
                DeleteRecordsTarget(topic: "b", partition: 1, offset: -1),
            ]
        )
        #expect(try read("{\"partitions\":[]}").isEmpty)
    }

    @Test(arguments: [
        "{\"partitions\":", "{\"version\":1}", "{\"partitions\":[],\"version\":2}", "[]", "{\"partitions\":{}}",
        "{\"partitions\":[{\"topic\":\"a\",\"partition\":0,\"offset\":\"6\"}]}",
        "{\"partitions\":[{\"topic\":\"a\",\"partition\":0,\"offset\":1.5}]}",
        "{\"partitions\":[{\"topic\":\"a\",\"partition\":0,\"offset\":6},{\"topic\":\"a\",\"partition\":0,\"offset\":7}]}",
        "{\"partitions\":[{\"topic\":\"a\",\"partition\":99999999999,\"offset\":6}]}", "{\"partitions\":[1]}",
    ])
    func refusesWrongFiles(text: String) {
        #expect(throws: CommandFailure.self) { try read(text) }
    }

    @Test func printsAsKafkaDoes() {
        let target = DeleteRecordsTarget(topic: "dr", partition: 0, offset: 4)
        #expect(DeleteRecordsOutput.line(target, .lowWatermark(4)) == "partition: dr-0\tlow_watermark: 4\n")
        #expect(DeleteRecordsOutput.line(target, .error("E: m")) == "partition: dr-0\terror: E: m\n")
    }

    @Test func aMissingFileIsAFailure() async {
        let result = await transcript(
            "delete-records",
            "--bootstrap-server",
            "h:1",
            "--offset-json-file",
            "/nonexistent/file.json"
        )
        #expect(result.status == 1)
        #expect(result.errors == "Cannot read the offset file /nonexistent/file.json: no such file or directory.\n")
    }
}

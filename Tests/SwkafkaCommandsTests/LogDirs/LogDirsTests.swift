import KafkaMessages
import Testing

@testable import KafkaClient
@testable import SwkafkaCommands

@Suite struct LogDirsTests {
    private let directory = LogDirectory(
        path: "/data",
        error: .none,
        replicas: [
            TopicPartition(topic: "t2", partition: 1): .init(size: 5, offsetLag: 0, isFuture: false),
            TopicPartition(topic: "t2", partition: 0): .init(size: 7, offsetLag: 0, isFuture: false),
            TopicPartition(topic: "t1", partition: 0): .init(size: 0, offsetLag: 3, isFuture: true),
        ]
    )

    @Test func textAsKafkas() {
        #expect(
            LogDirsOutput([(1, .success([directory]))], topics: ["t2"]).text
                == "Querying brokers for log directories information\nReceived log directory information from brokers 1\n"
                + #"{"brokers":[{"broker":1,"logDirs":[{"partitions":["#
                + #"{"partition":"t2-0","size":7,"offsetLag":0,"isFuture":false},"#
                + #"{"partition":"t2-1","size":5,"offsetLag":0,"isFuture":false}],"#
                + #""error":null,"logDir":"/data"}]}],"version":1}"# + "\n"
        )
    }

    @Test func tableAndFailures() {
        let offline = LogDirectory(path: "/bad", error: .kafkaStorageError, replicas: [:])
        let output = LogDirsOutput(
            [(1, .success([directory, offline])), (2, .failure(KafkaClientError(.timedOut, "It is slow.")))],
            topics: nil
        )
        #expect(
            output.table(colour: false) == """
                BROKER  DIRECTORY  PARTITION  BYTES  LAG  STATE
                     1  /bad                              KAFKA_STORAGE_ERROR
                     1  /data      t1-0           0    3  future
                     1  /data      t2-0           7    0  current
                     1  /data      t2-1           5    0  current

                """
        )
        #expect(output.failures == ["Broker 2: It is slow."])
    }

    @Test(arguments: [[], ["--describe", "--broker-list", "1,x"]])
    func wrongWords(words: [String]) async {
        let result = await transcript(["log-dirs", "--bootstrap-server", "127.0.0.1:1"] + words)
        #expect(result.status == 2, "\(result)")
    }
}

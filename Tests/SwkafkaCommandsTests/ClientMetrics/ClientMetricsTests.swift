import Testing

@testable import SwkafkaCommands

/// The recorded cases of Kafka's script, against our own broker.
@Suite(.timeLimit(.minutes(1))) struct ClientMetricsTests {
    @Test func asRecorded() async throws {
        try await CommandBench.with { bench in
            let made = try await bench.run(
                "configs",
                "--alter",
                "--client-metrics",
                "m1",
                "--add-config",
                "interval.ms=30000,match=[client_id=a.*],"
                    + "metrics=[org.apache.kafka.producer.,org.apache.kafka.consumer.]"
            )
            #expect(made.output == "Completed updating config for client-metric m1.\n")
            #expect(try await bench.run("client-metrics", "--list").output == "m1\n")
            let description = """
                Client metrics configs for m1 are:
                  interval.ms=30000
                  match=client_id=a.*
                  metrics=org.apache.kafka.producer.,org.apache.kafka.consumer.

                """
            #expect(try await bench.run("client-metrics", "--describe", "--name", "m1").output == description)
            #expect(try await bench.run("client-metrics", "--describe").output == description)
            #expect(
                try await bench.run("client-metrics", "--describe", "--name", "zz").output
                    == "Client metrics configs for zz are:\n"
            )
            let altered = try await bench.run(
                "client-metrics",
                "--alter",
                "--name",
                "m2",
                "--interval",
                "60000",
                "--metrics",
                "org.apache.kafka.",
                "--match",
                "client_id=x.*,client_software_name=java"
            )
            #expect(altered.output == "Altered client metrics config for m2.\n")
            #expect(
                try await bench.run("client-metrics", "--describe", "--name", "m2").output == """
                    Client metrics configs for m2 are:
                      interval.ms=60000
                      match=client_id=x.*,client_software_name=java
                      metrics=org.apache.kafka.

                    """
            )
            for _ in 0..<2 {
                let deleted = try await bench.run("client-metrics", "--delete", "--name", "m2")
                #expect(deleted == Transcript(status: 0, output: "Deleted client metrics config for m2.\n", errors: ""))
            }
            #expect(try await bench.run("client-metrics", "--list").output == "m1\n")
        }
    }

    @Test func madeUpNamesAndRefusals() async throws {
        try await CommandBench.with { bench in
            let made = try await bench.run("client-metrics", "--alter", "--generate-name", "--metrics", "org.")
            let name = made.output.dropFirst("Altered client metrics config for ".count).dropLast(2)
            #expect(name.count == 22, "\(made)")
            #expect(try await bench.run("client-metrics", "--list").output == "\(name)\n")
            for wrong in [["--match", "foo=1"], ["--match", "client_id=("], ["--interval", "99"]] {
                let refused = try await bench.run(["client-metrics", "--alter", "--name", "m2"] + wrong)
                #expect(refused.status == 1, "\(refused)")
                #expect(refused.output == "")
            }
            let reset = try await bench.run("client-metrics", "--alter", "--name", String(name), "--metrics", "")
            #expect(reset.status == 0)
            #expect(try await bench.run("client-metrics", "--list").output == "")
        }
    }

    @Test(arguments: [
        [], ["--list", "--describe"], ["--alter", "--name", "m"], ["--alter", "--metrics", "a"], ["--delete"],
        ["--alter", "--name", "m", "--interval", "soon"],
    ])
    func wrongWords(words: [String]) async {
        let result = await transcript(["client-metrics", "--bootstrap-server", "127.0.0.1:1"] + words)
        #expect(result.status == 2, "\(result)")
    }
}

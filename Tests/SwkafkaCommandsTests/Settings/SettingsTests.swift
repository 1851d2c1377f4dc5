import Foundation
import Testing

@testable import SwkafkaCommands

@Suite("Settings") struct SettingsTests {
    private static let text = """
        # mine
        bootstrap.servers=everywhere:1
        client.id = me
        profile=prod

        [prod]
        bootstrap.servers=prod:1
        sasl.username=alice
        password.env=SECRET
        ; the other one
        [test]
        bootstrap.servers=test:1

        """

    private func sources(
        project: String? = nil,
        askedFor: String? = nil,
        environment: [String: String] = [:]
    ) throws -> UserSettings.Sources {
        var sources = UserSettings.Sources()
        sources.user = try SettingsFile(parsing: Self.text, path: "config")
        sources.project = try project.map { try SettingsFile(parsing: $0, path: ".swkafka") }
        sources.askedFor = askedFor
        sources.environment = environment
        return sources
    }

    @Test func precedence() throws {
        func servers(_ sources: UserSettings.Sources) throws -> String? {
            try UserSettings(sources).values["bootstrap.servers"]?.text
        }
        #expect(try servers(sources()) == "prod:1")
        #expect(try servers(sources(askedFor: "test")) == "test:1")
        #expect(try servers(sources(environment: ["SWKAFKA_PROFILE": "test"])) == "test:1")
        #expect(try servers(sources(askedFor: "prod", environment: ["SWKAFKA_PROFILE": "test"])) == "prod:1")
        #expect(try servers(sources(project: "profile=test")) == "test:1")
        #expect(try servers(sources(project: "bootstrap.servers=here:1")) == "here:1")
        #expect(
            try servers(sources(project: "bootstrap.servers=here:1", environment: ["KAFKA_BOOTSTRAP_SERVERS": "env:1"]))
                == "env:1"
        )
        #expect(try UserSettings(sources()).values["client.id"] == .init(text: "me", origin: .userFile))
        #expect(throws: CommandFailure.self) { try UserSettings(sources(askedFor: "prd")) }
    }

    /// A file that comes with a project neither brings credentials nor leads those of the user elsewhere.
    @Test func projectsAreNotTrusted() throws {
        let led = try UserSettings(sources(project: "bootstrap.servers=evil:1\npassword.command=rm -rf /\n"))
        #expect(led.values["bootstrap.servers"]?.text == "evil:1")
        #expect(led.values["sasl.username"] == nil && led.values["password.env"] == nil)
        #expect(led.values["password.command"] == nil && led.warnings.count == 1)
        let kept = try UserSettings(sources(project: "bootstrap.servers=prod:1"))
        #expect(kept.values["sasl.username"]?.text == "alice")
    }

    @Test func mistypedKeys() throws {
        var sources = UserSettings.Sources()
        sources.user = try SettingsFile(parsing: "bootstrap.server=h:1\ngroup.id=g\n", path: "config")
        let settings = try UserSettings(sources)
        #expect(settings.values.isEmpty && settings.warnings.count == 2)
        #expect(settings.warnings[0].contains("Did you mean 'bootstrap.servers'?"))
        #expect(throws: CommandFailure.self) { try SettingsFile(parsing: "what\n", path: "config") }
    }

    @Test func changesKeepTheRest() throws {
        var file = try SettingsFile(parsing: Self.text, path: "config")
        #expect(file.text == Self.text.replacingOccurrences(of: "client.id = me", with: "client.id=me"))
        file.set("client.id", "you", in: nil)
        file.set("security.protocol", "SSL", in: "prod")
        file.set("bootstrap.servers", "new:1", in: "new")
        let removed = (file.remove("password.env", in: "prod"), file.remove("password.env", in: "test"))
        #expect(removed == (true, false))
        #expect(
            file.text == """
                # mine
                bootstrap.servers=everywhere:1
                client.id=you
                profile=prod

                [prod]
                bootstrap.servers=prod:1
                sasl.username=alice
                ; the other one
                security.protocol=SSL
                [test]
                bootstrap.servers=test:1

                [new]
                bootstrap.servers=new:1

                """
        )
        let isRemoved = file.removeSection("prod")
        #expect(isRemoved && file.sections == ["test", "new"])
    }

    // MARK: At work

    private func withHome(_ body: (String) async throws -> Void) async throws {
        let home = FileManager.default.temporaryDirectory.appendingPathComponent("swkafka-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: home) }
        try await body(home)
    }

    private func run(
        _ words: String...,
        home: String,
        directory: String? = nil,
        environment: [String: String] = [:]
    ) async -> Transcript {
        await run(words, home: home, directory: directory, environment: environment)
    }

    private func run(
        _ words: [String],
        home: String,
        directory: String? = nil,
        environment: [String: String] = [:]
    ) async -> Transcript {
        let (output, errors) = (MemorySink(), MemorySink())
        var context = testContext(output: output, errors: errors)
        context.environment = ["HOME": home].merging(environment) { $1 }
        context.directory = directory
        let status = await runCommand(words, in: context)
        return Transcript(status: status.rawValue, output: output.text, errors: errors.text)
    }

    @Test func profiles() async throws {
        try await withHome { home in
            #expect(await run("profile", "list", home: home).output.isEmpty)
            #expect(await run("profile", "set", "a", "bootstrap.servers=a:1", home: home).status == 0)
            #expect(await run("profile", "set", "b", "bootstrap.servers=b:1", "client.id=x y", home: home).status == 0)
            #expect(await run("profile", "list", home: home).output == "* a\n  b\n")
            #expect(await run("profile", "use", "b", home: home).status == 0)
            #expect(await run("profile", "list", "--output", "json", home: home).output.contains("\"current\": true"))
            let shown = await run("profile", "show", home: home)
            #expect(shown.output == "bootstrap.servers=b:1\t(profile)\nclient.id=x y\t(profile)\n", "\(shown)")
            #expect(await run("profile", "unset", "b", "client.id", home: home).status == 0)
            #expect(await run("profile", "show", home: home).output == "bootstrap.servers=b:1\t(profile)\n")
            let nearest = await run("profile", "use", "bb", home: home)
            #expect(nearest.status == 1 && nearest.errors.contains("Did you mean 'b'?"))
            #expect(await run("profile", "unset", "b", home: home).status == 0)
            #expect(await run("profile", "list", home: home).output == "  a\n")
            for wrong in [
                ["a", "password=secret"], ["a", "bootstrap.server=h:1"], ["a", "x"], ["a=b", "client.id=x"],
            ] {
                let result = await transcript(["profile", "set"] + wrong)
                #expect(result.status == 2, "\(wrong): \(result)")
            }
            var facts = stat()
            #expect(stat(home + "/.config/swkafka/config", &facts) == 0 && facts.st_mode & 0o777 == 0o600)
        }
    }

    @Test func secretsThatOthersMayRead() async throws {
        try await withHome { home in
            let path = home + "/config"
            try Data("[a]\nbootstrap.servers=h:1\nsasl.username=u\npassword=geheim\n".utf8).write(
                to: URL(fileURLWithPath: path)
            )
            chmod(path, 0o644)
            let refused = await run("profile", "show", "a", home: home, environment: ["SWKAFKA_CONFIG": path])
            #expect(refused.status == 1 && refused.errors.contains("chmod 600"), "\(refused)")
            chmod(path, 0o600)
            let shown = await run("profile", "show", "a", home: home, environment: ["SWKAFKA_CONFIG": path])
            #expect(
                shown.status == 0 && !shown.output.contains("geheim") && shown.output.contains("(hidden)"),
                "\(shown)"
            )
        }
    }

    @Test func brokersNeedNotBeTyped() async throws {
        try await CommandBench.with { bench in
            try await withHome { home in
                let missing = await run("topics", "--list", home: home)
                #expect(missing.status == 2 && missing.errors.contains("--bootstrap-server"), "\(missing)")
                #expect(await run("profile", "set", "a", "bootstrap.servers=\(bench.address)", home: home).status == 0)
                #expect(await run("topics", "--create", "--topic", "t", home: home).status == 0)
                #expect(await run("topics", "--list", home: home).output == "t\n")
                #expect(await run("topics", "--list", "--profile", "b", home: home).status == 2)
                let project = home + "/work/deep"
                try FileManager.default.createDirectory(atPath: project, withIntermediateDirectories: true)
                try Data("bootstrap.servers=127.0.0.1:1\n".utf8).write(
                    to: URL(fileURLWithPath: home + "/work/.swkafka")
                )
                let led = await run("topics", "--list", home: home, directory: project)
                #expect(led.status == 1 && led.errors.contains("127.0.0.1:1"), "\(led)")
                let environment = ["SWKAFKA_BOOTSTRAP_SERVER": bench.address]
                #expect(
                    await run("topics", "--list", home: home, directory: project, environment: environment).output
                        == "t\n"
                )
            }
        }
    }

    /// Also the commands that do not share their options with the others find the brokers of a profile.
    @Test func profilesForEveryCommand() async throws {
        try await CommandBench.with { bench in
            try await withHome { home in
                for line in [
                    "log-dirs --describe", "cluster cluster-id", "reassign-partitions --list", "features describe",
                    "metadata-quorum describe --status", "configs --describe --entity-type users",
                    "producer-perf-test --topic t --num-records 2 --record-size 5 --throughput -1",
                    "e2e-latency --topic e --num-records 1 --producer-acks 1 --record-size 5",
                ] {
                    let words = line.split(separator: " ").map(String.init)
                    let environment = ["SWKAFKA_CONFIG": home + "/settings"]
                    let text = "bootstrap.servers=127.0.0.1:1\n[mine]\nbootstrap.servers=\(bench.address)\n"
                    try Data(text.utf8).write(to: URL(fileURLWithPath: home + "/settings"))
                    let result = await run(words + ["--profile", "mine"], home: home, environment: environment)
                    #expect(result.status == 0 && !result.errors.contains("127.0.0.1:1"), "\(line): \(result)")
                }
            }
        }
    }

    @Test func credentials() throws {
        var settings = UserSettings()
        settings.values["sasl.username"] = .init(text: "a\"b", origin: .profile)
        settings.values["password.command"] = .init(text: "printf 'x\\\\y\\nz'", origin: .profile)
        let source = PasswordSource(settings: settings, environment: [:])
        #expect(
            try source.credentials(over: ["sasl.mechanism": "SCRAM-SHA-256"])["sasl.jaas.config"]
                == #"org.apache.kafka.common.security.scram.ScramLoginModule required username="a\"b" password="x\\y";"#
        )
        #expect(try source.credentials(over: ["sasl.jaas.config": "given"]).isEmpty)
        #expect(throws: CommandFailure.self) { try source.credentials(over: ["sasl.mechanism": "GSSAPI"]) }
        settings.values["password.command"] = .init(text: "exit 3", origin: .profile)
        #expect(throws: CommandFailure("password.command for 'a\"b' failed (status 3).")) {
            try PasswordSource(settings: settings, environment: [:]).credentials(over: [:])
        }
    }
}

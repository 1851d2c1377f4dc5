import KafkaBroker
import KafkaClient
import Testing

@testable import SwkafkaCommands

@Suite struct ClusterPlanTests {
    private static func plan() -> ClusterPlan {
        ClusterPlan(
            clusterID: "c",
            controller: .init(id: 1, port: 4711, hasAnyPort: true, rack: nil),
            brokers: [.init(id: 1001, port: 9092, hasAnyPort: false, rack: "r \"1\"")],
            overrides: ["min.insync.replicas": "2"]
        )
    }

    @Test func comesBackFromItsFile() throws {
        let plan = Self.plan()
        #expect(ClusterPlan(json: Array(plan.json.utf8)) == plan)
    }

    @Test(arguments: [
        "", "{}", "[]", "{\"version\": 2}", "{\"version\": 1, \"cluster_id\": 5}",
        "{\"version\":1,\"cluster_id\":\"c\",\"controller\":{\"id\":-1,\"port\":1,\"any_port\":true},\"brokers\":[],\"overrides\":{}}",
        "{\"version\":1,\"cluster_id\":\"c\",\"controller\":{\"id\":1,\"port\":99999,\"any_port\":true},\"brokers\":[],\"overrides\":{}}",
        "{\"version\":1,\"cluster_id\":\"c\",\"controller\":{\"id\":1,\"port\":1,\"any_port\":true},\"brokers\":[{}],\"overrides\":{}}",
        "{\"version\":1,\"cluster_id\":\"c\",\"controller\":{\"id\":1,\"port\":1,\"any_port\":true},"
            + "\"brokers\":[{\"id\":1,\"port\":1,\"any_port\":true}],\"overrides\":{}}",
    ])
    func refusesWhatIsNoPlan(text: String) {
        #expect(ClusterPlan(json: Array(text.utf8)) == nil)
    }

    @Test func growsFromTheHighest() {
        var plan = Self.plan()
        plan.grow(to: 3, racks: ["a", "b"])
        #expect(plan.brokers.map(\.id) == [1001, 1002, 1003])
        #expect(plan.brokers.map(\.port) == [9092, 9093, 9094])
        #expect(plan.brokers.map(\.rack) == ["r \"1\"", "b", "a"])
        plan.brokers[2].hasAnyPort = true
        plan.grow(to: 4)
        #expect(plan.brokers[3].port == 0 && plan.brokers[3].hasAnyPort)
    }

    @Test func nodesGetTheirSettings() {
        let plan = Self.plan()
        let controller = Dictionary(
            uniqueKeysWithValues: plan.properties(of: plan.controller, dataDirectory: "/d").map { ($0.name, $0.value) }
        )
        #expect(controller["process.roles"] == "controller" && controller["node.id"] == "1")
        #expect(controller["listeners"] == "CONTROLLER://127.0.0.1:4711" && controller["log.dirs"] == "/d")
        #expect(controller["broker.session.timeout.ms"] == "3000" && controller["min.insync.replicas"] == "2")
        let broker = Dictionary(
            uniqueKeysWithValues: plan.properties(of: plan.brokers[0], dataDirectory: "/d").map { ($0.name, $0.value) }
        )
        #expect(broker["process.roles"] == "broker" && broker["broker.rack"] == "r \"1\"")
        #expect(broker["controller.quorum.bootstrap.servers"] == "127.0.0.1:4711")
    }

    @Test func readsWhatTheKernelSays() {
        let line = "42 (a) (b ) T 1 42 42 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 987654 1 2"
        let stopped = ProcessFacts.parse(stat: Array(line.utf8))
        #expect(stopped?.state == .stopped && stopped?.startTicks == 987654)
        let dead = ProcessFacts.parse(stat: Array(line.replacing(" T ", with: " Z ").utf8))
        #expect(dead != nil && dead?.state == nil)
        #expect(ProcessFacts.parse(stat: Array("42 nothing".utf8)) == nil)
        #expect(ProcessFacts.parse(stat: Array("42 (a) R 1 2".utf8)) == nil)
        #expect(ProcessFacts(-1) == nil)
    }

    @Test func printsExportsForAShell() {
        let text = ClusterOutput.exports(Self.plan(), "/a b/c'd")
        #expect(text.contains("export BOOTSTRAP_SERVERS=127.0.0.1:9092\n"))
        #expect(text.contains("export SWKAFKA_CLUSTER_DIR='/a b/c'\\''d'\n"))
    }

    @Test func showsNodes() throws {
        let plan = Self.plan()
        let nodes = [
            ClusterOutput.Node(node: plan.controller, isController: true, state: .running(pid: 7), isMember: nil),
            ClusterOutput.Node(node: plan.brokers[0], isController: false, state: .crashed, isMember: false),
        ]
        let faults = try FaultSet(text: "slow 1001 50ms\ncut controller|1001")
        #expect(
            ClusterOutput.text(nodes, plan, faults, "/d", colour: false) == """
                Cluster: /d
                Session timeout: 3000 ms
                Bootstrap servers: 127.0.0.1:9092
                Fault: cut controller|1001
                Fault: slow 1001 50ms
                NODE  ROLE        STATE    MEMBER  PID  ADDRESS         RACK
                   1  controller  running  -         7  127.0.0.1:4711  -
                1001  broker      crashed  fenced    -  127.0.0.1:9092  r "1"

                """
        )
    }

    @Test func faultsOfSomeNodesEnd() throws {
        var faults = try FaultSet(text: "slow 1001 50ms\ncut controller|1001\ncut 1002|1003\ndisk-full 1002")
        faults.remove(touching: [1001])
        #expect(faults.text == "cut 1002|1003\ndisk-full 1002\n")
    }

    @Test func listsEndpointsAsKafkaDoes() {
        let endpoints = [
            ClusterEndpoint(node: Node(id: 1, host: "localhost", port: 9092, rack: nil), isFenced: false),
            ClusterEndpoint(node: Node(id: 2, host: "b", port: 9093, rack: "rack-1"), isFenced: true),
        ]
        #expect(
            ClusterListEndpointsCommand.text(endpoints, ofControllers: false) == """
                ID         HOST      PORT       RACK   STATE      ENDPOINT_TYPE  \n\
                1          localhost 9092       null   unfenced   broker         \n\
                2          b         9093       rack-1 fenced     broker         \n
                """
        )
    }
}

/// What `broker-api-versions` prints.
enum BrokerAPIVersionsOutput {
    /// One API of a broker beside ours.
    struct API: Equatable {
        var key: Int16
        /// nil for an API that we do not know.
        var name: String?
        /// What the broker offers; nil when it does not.
        var offered: ClosedRange<Int16>?
        /// What we can speak; nil for an API that we do not know.
        var known: ClosedRange<Int16>?
    }

    struct Broker: Equatable {
        /// `host:port`
        var address: String
        var id: Int32
        var rack: String?
        var result: Result

        enum Result: Equatable {
            case apis([API])
            case error(String)
        }
    }

    static func text(_ broker: Broker) -> String {
        let head = "\(broker.address) (id: \(broker.id) rack: \(broker.rack ?? "null")) -> "
        switch broker.result {
        case .error(let message): return head + "ERROR: \(message)\n"
        case .apis(let apis):
            let lines = apis.sorted { $0.key < $1.key }.map { "\t" + text($0) }
            return head + "(\n" + lines.joined(separator: ",\n") + "\n)\n"
        }
    }

    private static func text(_ api: API) -> String {
        let name = "\(api.name ?? "UNKNOWN")(\(api.key)): "
        guard let offered = api.offered else { return name + "UNSUPPORTED" }
        let range = offered.count == 1 ? "\(offered.lowerBound)" : "\(offered.lowerBound) to \(offered.upperBound)"
        guard let known = api.known else { return name + range }
        let usable: String
        if known.upperBound < offered.lowerBound {
            usable = "[unusable: node too new]"
        } else if offered.upperBound < known.lowerBound {
            usable = "[unusable: node too old]"
        } else {
            usable = "[usable: \(min(known.upperBound, offered.upperBound))]"
        }
        return "\(name)\(range) \(usable)"
    }

    static func value(_ brokers: [Broker]) -> DataValue {
        .array(
            brokers.map { broker in
                var members: [DataValue.Member] = [
                    .init(name: "broker", value: .number(broker.id)),
                    .init(name: "address", value: .string(broker.address)),
                    .init(name: "rack", value: .optional(broker.rack)),
                ]
                switch broker.result {
                case .error(let message): members.append(.init(name: "error", value: .string(message)))
                case .apis(let apis): members.append(.init(name: "apis", value: .array(apis.map(value))))
                }
                return .object(members)
            }
        )
    }

    private static func value(_ api: API) -> DataValue {
        .members([
            "key": .number(api.key), "name": .optional(api.name),
            "min": .optional(api.offered?.lowerBound), "max": .optional(api.offered?.upperBound),
            "usable": .optional(usable(api)),
        ])
    }

    private static func usable(_ api: API) -> Int16? {
        guard let offered = api.offered, let known = api.known, known.overlaps(offered) else { return nil }
        return min(known.upperBound, offered.upperBound)
    }

    static func table(_ brokers: [Broker], colour: Bool) -> String {
        var table = TextTable([
            .right("BROKER"), .right("KEY"), .left("API"), .right("MIN"), .right("MAX"), .right("USABLE"),
        ])
        for broker in brokers {
            guard case .apis(let apis) = broker.result else { continue }
            for api in apis.sorted(by: { $0.key < $1.key }) {
                table.add([
                    .init(String(broker.id)), .init(String(api.key)), .init(api.name ?? "UNKNOWN"),
                    .init(api.offered.map { String($0.lowerBound) } ?? "-"),
                    .init(api.offered.map { String($0.upperBound) } ?? "-"),
                    .init(usable(api).map(String.init) ?? "-"),
                ])
            }
        }
        return table.text(colour: colour)
    }
}

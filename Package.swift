// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioEmbedded = Target.Dependency.product(name: "NIOEmbedded", package: "swift-nio")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")

func library(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
    .target(name: name, dependencies: dependencies, exclude: exclude, swiftSettings: strict)
}

func tests(
    _ name: String,
    _ dependencies: [Target.Dependency],
    exclude: [String] = [],
    resources: [Resource] = []
) -> Target {
    .testTarget(
        name: name,
        dependencies: dependencies,
        exclude: exclude,
        resources: resources,
        swiftSettings: strict
    )
}

func systemLibrary(_ name: String, pkgConfig: String, apt: String) -> Target {
    .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt([apt])])
}

let package = Package(
    name: "swkafka",
    products: [
        .executable(name: "swkafka", targets: ["swkafka"]),
        .library(name: "KafkaClient", targets: ["KafkaClient"]),
        .library(name: "KafkaBroker", targets: ["KafkaBroker"]),
        .library(name: "KafkaMessages", targets: ["KafkaMessages"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    ],
    targets: [
        // Floor 0: C
        // No pkg-config: readline's file carries flags that SwiftPM refuses with a warning.
        .systemLibrary(name: "CReadline", providers: [.apt(["libreadline-dev"])]),
        systemLibrary("CZlib", pkgConfig: "zlib", apt: "zlib1g-dev"),
        .systemLibrary(name: "CSnappy", providers: [.apt(["libsnappy-dev"])]),
        systemLibrary("CLZ4", pkgConfig: "liblz4", apt: "liblz4-dev"),
        systemLibrary("CZstd", pkgConfig: "libzstd", apt: "libzstd-dev"),
        .target(name: "CCRC32C"),
        // Floor 1
        library("KafkaCompression", [nioCore, "CZlib", "CSnappy", "CLZ4", "CZstd"]),
        // Floor 2
        library("KafkaWire", [nioCore, "KafkaCompression", "CCRC32C"]),
        // Floor 3
        library("KafkaMessages", [nioCore, "KafkaWire"]),
        library("KafkaStorage", [nioCore, logging, "KafkaWire", "KafkaMessages"]),
        // Floor 4
        library("KafkaTransport", [nioCore, nioPosix, logging, "KafkaWire", "KafkaMessages"]),
        library("KafkaCoordination", [nioCore, "KafkaWire", "KafkaMessages"]),
        // Floor 5
        library(
            "KafkaClient",
            [nioCore, nioPosix, logging, "KafkaWire", "KafkaCompression", "KafkaMessages", "KafkaTransport"]
        ),
        library(
            "KafkaBroker",
            [
                nioCore, nioPosix, logging, "KafkaWire", "KafkaCompression", "KafkaMessages", "KafkaStorage",
                "KafkaTransport", "KafkaCoordination",
            ]
        ),
        // Floor 6
        library(
            "SwkafkaCommands",
            [
                nioCore, nioPosix, logging, argumentParser, "CReadline", "KafkaWire", "KafkaMessages", "KafkaStorage",
                "KafkaTransport", "KafkaCoordination", "KafkaClient", "KafkaBroker",
            ]
        ),
        // Floor 7
        .executableTarget(name: "swkafka", dependencies: ["SwkafkaCommands"], swiftSettings: strict),
        // Tool: schemas to Swift; never a dependency of the above
        .executableTarget(name: "GenerateMessages", exclude: ["Schemas"], swiftSettings: strict),
        // Tool: measures the log; Benchmarks/storage runs it
        .executableTarget(
            name: "StorageBenchmark",
            dependencies: [nioCore, "KafkaWire", "KafkaStorage"],
            path: "Benchmarks/StorageBenchmark",
            swiftSettings: strict
        ),
        // Tool: measures the controller at scale; Benchmarks/controller runs it
        .executableTarget(
            name: "ControllerBenchmark",
            dependencies: [
                nioCore, nioPosix, logging, "KafkaWire", "KafkaMessages", "KafkaTransport", "KafkaBroker",
            ],
            path: "Benchmarks/ControllerBenchmark",
            swiftSettings: strict
        ),
        // Tests
        .target(
            name: "KafkaTestSupport",
            dependencies: [
                nioCore, nioPosix, logging, "KafkaStorage", "KafkaBroker", "KafkaWire", "KafkaMessages",
                "KafkaTransport", "KafkaCoordination",
            ],
            path: "Tests/KafkaTestSupport",
            resources: [.copy("Fixtures")],
            swiftSettings: strict
        ),
        tests("KafkaCompressionTests", ["KafkaCompression", nioCore]),
        tests("KafkaWireTests", ["KafkaWire", "KafkaCompression", nioCore], resources: [.copy("Vectors")]),
        tests(
            "KafkaMessagesTests",
            ["KafkaMessages", "KafkaWire", "GenerateMessages", nioCore],
            resources: [.copy("Vectors")]
        ),
        tests("GenerateMessagesTests", ["GenerateMessages"]),
        tests(
            "KafkaStorageTests",
            ["KafkaStorage", "KafkaWire", "KafkaCompression", "KafkaMessages", "KafkaTestSupport", nioCore],
            resources: [.copy("Fixtures")]
        ),
        tests(
            "KafkaTransportTests",
            ["KafkaTransport", "KafkaWire", "KafkaMessages", nioCore, nioPosix, nioEmbedded, logging]
        ),
        tests(
            "KafkaCoordinationTests",
            ["KafkaCoordination", "KafkaStorage", "KafkaWire", "KafkaMessages", "KafkaTestSupport", nioCore]
        ),
        tests(
            "KafkaClientTests",
            [
                "KafkaClient", "KafkaBroker", "KafkaCoordination", "KafkaTransport", "KafkaWire", "KafkaMessages",
                "KafkaTestSupport", nioCore, nioPosix, logging,
            ]
        ),
        tests(
            "KafkaBrokerTests",
            [
                "KafkaBroker", "KafkaClient", "KafkaTransport", "KafkaStorage", "KafkaWire", "KafkaCompression",
                "KafkaMessages", "KafkaTestSupport", nioCore, nioPosix, logging,
            ]
        ),
        tests(
            "SwkafkaCommandsTests",
            [
                "SwkafkaCommands", "KafkaClient", "KafkaBroker", "KafkaStorage", "KafkaWire", "KafkaMessages",
                "KafkaTestSupport", nioCore, argumentParser,
            ],
            resources: [.copy("Golden")]
        ),
        tests("EndToEndTests", ["KafkaTestSupport", "KafkaClient", "KafkaWire", nioCore]),
        tests("InteropTests", ["KafkaTestSupport", "KafkaClient", "KafkaMessages", nioCore], exclude: ["Clients"]),
    ],
    swiftLanguageModes: [.v6]
)

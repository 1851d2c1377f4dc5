import Foundation

/// Whether long tests run too (`make soak`): groups of many foreign clients that come, go and crash.
let isSoak = ProcessInfo.processInfo.environment["SWKAFKA_SOAK"] != nil

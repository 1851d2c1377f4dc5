/// Runs the swkafka executable and returns its exit status.
public func runSwkafka() async -> Int32 { 2 }

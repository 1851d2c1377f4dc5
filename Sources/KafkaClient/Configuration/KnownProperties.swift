/// Kafka client properties that a file may hold and that have nothing to act on here: they name Java classes, metrics,
/// socket buffers (left to the system), or parts of the Java client that this one does not have. They are accepted in silence.
enum KnownProperties {
    static let withoutEffect: Set<String> = [
        "key.serializer", "value.serializer", "key.deserializer", "value.deserializer", "interceptor.classes",
        "metric.reporters", "metrics.num.samples", "metrics.recording.level", "metrics.sample.window.ms",
        "auto.include.jmx.reporter", "enable.metrics.push", "config.providers", "security.providers",
        "max.poll.records", "client.dns.lookup",
        "bootstrap.controllers",
        "socket.connection.setup.timeout.max.ms", "send.buffer.bytes", "receive.buffer.bytes",
    ]
}

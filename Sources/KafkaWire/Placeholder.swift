// KafkaWire: see README.md

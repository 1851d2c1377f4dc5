// KafkaCoordination: see README.md

// KafkaStorage: see README.md

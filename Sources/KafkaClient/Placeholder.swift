// KafkaClient: see README.md

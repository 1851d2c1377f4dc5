// KafkaTestSupport: see README.md

// KafkaMessages: see README.md

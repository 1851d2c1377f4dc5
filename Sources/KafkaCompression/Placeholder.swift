// KafkaCompression: see README.md

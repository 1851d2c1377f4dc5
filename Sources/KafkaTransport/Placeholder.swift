// KafkaTransport: see README.md

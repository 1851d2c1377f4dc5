// KafkaBroker: see README.md

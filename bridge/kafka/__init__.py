"""Kafka for domain events: producer, consumer loop, dead letters, topics, the embedded broker."""

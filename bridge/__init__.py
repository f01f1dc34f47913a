"""The only package that knows Kafka."""

"""The engine: takes a shard of a plan and yields what happens. No Celery, Kafka or database."""

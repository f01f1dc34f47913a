"""Celery over several brokers, measured in turns: throughput, publishing, latency, memory."""

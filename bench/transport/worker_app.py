"""`celery -A bench.transport.worker_app worker`."""

from bench.transport.app import for_worker

app = for_worker()

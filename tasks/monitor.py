"""The Celery application that Flower runs with; it knows no tasks.

celery -A tasks.monitor flower
celery -A tasks.monitor inspect active
"""

from __future__ import annotations

from app.messages import topics
from bridge.transport import flower
from tasks.app import create

# Each kind of worker is a consumer group of its own.
flower.register({topics.TEST_RUN_QUEUE.name: "runner", topics.GENERATION_QUEUE.name: "generator"})

app = create("flower")

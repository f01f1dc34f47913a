{{/*
What each process is, whoever deploys it: what no value changes. `values` is its section of
values.yaml; `reaches` are its edges in the network; `shares` is the topic that its consumer group
takes part in, with its partitions.
*/}}
{{- define "ai-testops.components" -}}
web:
  values: web
  command:
    - gunicorn
    - app.wsgi:application
    - --bind=0.0.0.0:8000
    # One process, so that the counts at /metrics are whole; more pods share the work.
    - --workers=1
    - --threads={{ .Values.web.threads }}
    - --worker-tmp-dir=/dev/shm
    - --no-control-socket
  port: 8000
  ready: /readyz
  live: /healthz
  settings: platform
  reaches: [database, outside]
generator:
  values: generator
  command: [celery, -A, tasks.generation, worker, -Q, generation_queue, --pool, threads]
  settings: platform
  reaches: [database, kafka, outside]
  shares: {topic: generation_queue, group: generator, partitions: 6}
runner:
  values: runner
  command: [celery, -A, tasks.execution, worker, -Q, test_run_queue, --pool, threads]
  settings: runner
  reaches: [kafka, targets]
  shares: {topic: test_run_queue, group: runner, partitions: 12}
scheduler:
  values: scheduler
  command: [python, -m, tasks.scheduler]
  settings: platform
  reaches: [database]
bridge-relay:
  values: bridgeRelay
  command: [python, -m, bridge, relay]
  settings: platform
  reaches: [database, kafka]
  most: 8
bridge-results:
  values: bridgeResults
  command: [python, -m, bridge, results]
  settings: platform
  reaches: [database, kafka]
  shares: {topic: test_results, group: bridge-results, partitions: 12}
bridge-notifications:
  values: bridgeNotifications
  command: [python, -m, bridge, notifications]
  settings: platform
  reaches: [database, kafka, outside]
  shares: {topic: run_events, group: bridge-notifications, partitions: 6}
bridge-analytics:
  values: bridgeAnalytics
  command: [python, -m, bridge, analytics]
  settings: platform
  reaches: [database, kafka]
  shares: {topic: run_events, group: bridge-analytics, partitions: 6}
bridge-dead-letters:
  values: bridgeDeadLetters
  command: [python, -m, bridge, dead-letters]
  settings: platform
  reaches: [database, kafka]
  # One partition of each of four dead letters.
  most: 4
flower:
  values: flower
  command: [celery, -A, tasks.monitor, flower, --address=0.0.0.0, --port=5555]
  port: 5555
  ready: /healthcheck
  live: /healthcheck
  settings: flower
  reaches: [kafka]
migrate:
  values: migrate
  command: [testops, migrate]
  settings: platform
  reaches: [database]
  once: true
topics:
  values: topics
  command: [python, -m, bridge, topics]
  settings: common
  reaches: [kafka]
  once: true
{{- end -}}

{{/* (root, component) → what the component is, as YAML. */}}
{{- define "ai-testops.component" -}}
{{- $root := index . 0 -}}
{{- get (include "ai-testops.components" $root | fromYaml) (index . 1) | toYaml -}}
{{- end -}}

"""Every metric of the platform, declared and described once."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

#: The name is given; the values are counted up by the process that writes results.
TEST_CASES = Gauge(
    "test_cases_status", "Cases finished since this process started, by outcome.", ["status"]
)
RUNS_FINISHED = Counter("testops_runs_finished", "Runs that came to their end.")
RUNS_ANALYSED = Counter("testops_runs_analysed", "Runs that analytics counted, or counted anew.")
SUITE_PASS_RATE = Gauge(
    "testops_suite_pass_rate",
    "Share of the checks of a suite's last whole run that passed.",
    ["suite", "name"],
)
SUITE_P95 = Gauge(
    "testops_suite_duration_p95_seconds",
    "What 95 % of a suite's last whole runs took at most.",
    ["suite", "name"],
)
SUITE_LAST_RUN = Gauge(
    "testops_suite_last_run_timestamp_seconds",
    "When a suite's last run ended, in seconds since 1970.",
    ["suite", "name"],
)
SUITE_QUEUE_AGE = Gauge(
    "testops_suite_queue_age_seconds",
    "How long the oldest work of a suite that no runner has begun has waited.",
    ["suite", "name"],
)
ALERT_RAISED = Gauge(
    "testops_alert_raised",
    "1 where an alert is raised, else 0.",
    ["suite", "name", "kind", "alert"],
)
RESULTS_APPLIED = Counter("testops_results_applied", "Results of checks written.")
RESULTS_DUPLICATES = Counter(
    "testops_results_duplicates", "Reports dropped: repeated, late, or of no run."
)
CHECK_DURATION = Histogram(
    "testops_check_duration_seconds",
    "How long checks took, by outcome.",
    ["outcome"],
    buckets=(0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 60),
)
OUTBOX_MESSAGES = Gauge("testops_outbox_messages", "Messages that wait for the relay.")
MESSAGES_PUBLISHED = Counter(
    "testops_messages_published", "Messages that the broker confirmed, by topic.", ["topic"]
)
DEAD_LETTERS = Counter(
    "testops_dead_letters", "Messages that could not be handled, by topic.", ["topic"]
)
REAPED = Counter(
    "testops_reaped", "Lost work published again or given up, by kind.", ["kind", "step"]
)
CASES_GENERATED = Counter(
    "testops_cases_generated", "Operations a generation has dealt with, by outcome.", ["outcome"]
)
MODEL_REQUESTS = Counter(
    "testops_model_requests",
    'Questions to models by what came of them; "kept" was answered before.',
    ["provider", "outcome"],
)
MODEL_TOKENS = Counter("testops_model_tokens", "Tokens that models took.", ["provider"])
MODEL_DOLLARS = Counter("testops_model_dollars", "What models cost, in US dollars.", ["provider"])
MODEL_CHECKS = Counter(
    "testops_model_checks", "Checks that models wrote: kept, repaired or dropped.", ["outcome"]
)
NEWS = Counter("testops_news", "What people may want to be told of, by kind.", ["kind"])
NOTIFICATIONS = Counter(
    "testops_notifications", "Attempts to send a notification, by outcome.", ["outcome"]
)
CAGE_LAYERS = Gauge(
    "testops_runner_cage_layers", "1 where a layer of the runner's cage holds, else 0.", ["layer"]
)
SIGN_INS = Counter("testops_sign_ins", "Attempts to sign in, by outcome.", ["outcome"])

"""What must hold whatever happens, and which tests hold it; the table is kept true by a test."""

from pathlib import Path

import pytest

#: Tests of the transport's parts, and tests with real workers.
FOLDERS = (Path(__file__).parent, Path(__file__).parents[3] / "behaviour" / "transport")

INVARIANTS = {
    "a commit never covers an unfinished message": [
        "test_histories: nothing_unfinished_is_committed",
        "test_tracker: test_a_commit_never_covers_an_unfinished_message",
        "test_workers: test_what_is_acknowledged_out_of_order_is_committed_in_order",
    ],
    "the committed offset never goes back within an assignment": [
        "test_histories: the_committed_offset_never_goes_back",
        "test_commits: test_the_next_commit_waits_for_the_answer_to_the_last",
    ],
    "after a crash all that is not finished durably is delivered again": [
        "test_histories: teardown",
        "test_defects: test_what_is_prefetched_is_not_lost_with_its_worker",
        "test_torture: test_every_task_runs_whatever_dies",
    ],
    "what is in the completed map is not handed out": [
        "test_fetcher_moves: test_what_an_earlier_owner_finished_is_not_handed_out",
        "test_fetcher_moves: test_without_an_answer_about_the_earlier_owner_nothing_is_handed_out",
        "test_defects: test_an_acknowledgement_does_not_commit_what_still_runs",
    ],
    "an acknowledgement from an earlier assignment changes nothing": [
        "test_histories: acknowledge",
        "test_fetcher_moves: test_a_late_acknowledgement_is_ignored",
        "test_life: test_a_late_acknowledgement_commits_nothing",
    ],
    "publishing returns after the broker's confirmation, or raises": [
        "test_publisher: test_publishing_returns_when_the_broker_has_confirmed",
        "test_defects: test_a_failed_publish_is_not_silent",
        "test_defects: test_a_publish_to_a_frozen_broker_is_not_silent",
    ],
    "a copy is confirmed before its original is finished": [
        "test_copies: test_the_original_is_finished_after_the_copy_is_confirmed",
        "test_copies: test_an_unconfirmed_copy_leaves_the_original_unfinished",
    ],
    "polling never stops for longer than its interval": [
        "test_fetcher: test_polling_goes_on_while_topics_are_made",
        "test_options: test_the_grace_fits_into_the_poll_interval",
        "test_defects: test_a_task_longer_than_the_poll_interval_runs_once",
    ],
    "prefetch is never exceeded": [
        "test_transport: test_prefetch_bounds_what_is_out_and_room_is_used_at_once",
        "test_life: test_exactly_as_many_messages_are_out_as_prefetch_allows",
    ],
    "more prefetch or a finished task starts the hand-out without other traffic": [
        "test_transport: test_prefetch_bounds_what_is_out_and_room_is_used_at_once",
    ],
    "a warm shutdown commits what ends in it, and nothing runs twice": [
        "test_workers: test_sigterm_finishes_the_running_task_and_commits_it",
        "test_life: test_after_sigterm_another_worker_takes_over_at_once",
    ],
    "a command reaches every worker once, a reply only who asked": [
        "test_broadcast: test_each_command_reaches_every_worker_once_and_replies_only_who_asked",
        "test_positions: test_what_was_there_before_the_binding_is_not_heard",
    ],
    "no Kafka handle crosses a fork": [
        "test_fetcher: test_a_forked_child_touches_nothing",
        "test_connections: test_a_forked_child_publishes_by_itself_and_leaves_its_parent_alone",
    ],
    "a worker goes on after its broker was away": [
        "test_life: test_a_worker_whose_broker_is_away_at_start_begins_when_it_comes",
        "test_life: test_a_worker_goes_on_after_its_cable_was_pulled",
        "test_defects: test_a_worker_comes_back_after_a_restart_of_its_broker",
        "test_cluster: test_a_broker_killed_while_tasks_flow_stops_them_for_seconds_only",
    ],
    "a refused commit is repeated": [
        "test_fetcher_commits: test_a_refused_commit_is_repeated",
        "test_fetcher_commits: test_a_leaving_worker_repeats_a_refused_commit",
        "test_commits: test_a_commit_that_cannot_even_be_sent_is_repeated",
    ],
    "there is lag as long as a task runs, and none when idle": [
        "test_queues: test_a_queue_counts_what_is_not_acknowledged",
        "test_torture: test_every_task_runs_whatever_dies",
    ],
    "every partition has a committed offset from the start": [
        "test_topics: test_the_beginning_of_a_new_topic_is_committed_for_the_group",
    ],
    "metadata fits, and a partition stops before it would not": [
        "test_histories: the_metadata_fits",
        "test_ledger: test_a_partition_is_crowded_when_the_metadata_gets_full",
        "test_fetcher: test_a_partition_whose_metadata_gets_full_is_paused",
        "test_fetcher_commits: test_a_broker_that_takes_little_metadata_gets_none",
    ],
    "no password is in a log, a URL or an error": [
        "test_secrets: test_options_show_no_password_and_are_still_told_apart",
        "test_address: test_the_password_is_masked",
    ],
    "a log that was cut or made anew loses nothing that is in it": [
        "test_histories: test_whatever_is_in_a_log_that_was_cut_runs",
        "test_fetcher_moves: test_a_log_that_was_cut_is_read_again_from_there",
    ],
}


@pytest.mark.parametrize("invariant", INVARIANTS)
def test_an_invariant_has_its_tests(invariant: str) -> None:
    for name in INVARIANTS[invariant]:
        module, function = name.split(": ")
        texts = [path.read_text() for it in FOLDERS if (path := it / f"{module}.py").exists()]
        assert any(f"def {function}(" in text for text in texts), name

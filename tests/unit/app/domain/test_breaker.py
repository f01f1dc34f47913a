from app.domain.breaker import FAILURES, PAUSE_SECONDS, Breaker


def broken(now: float = 100.0) -> Breaker:
    """One that has just opened."""
    breaker = Breaker()
    for _ in range(FAILURES):
        assert breaker.lets_pass(now)
        breaker.failed(now, "away")
    return breaker


def test_failures_in_a_row_open_it() -> None:
    assert not broken().lets_pass(100.0 + PAUSE_SECONDS - 1)


def test_failures_with_a_success_between_them_do_not() -> None:
    breaker = Breaker()
    for _ in range(FAILURES * 2):
        breaker.failed(1.0, "away")
        breaker.succeeded()
    assert breaker.lets_pass(1.0)


def test_after_a_pause_one_attempt_may_pass() -> None:
    breaker, later = broken(), 100.0 + PAUSE_SECONDS
    assert breaker.lets_pass(later)
    assert not breaker.lets_pass(later + 1)
    breaker.failed(later + 2, "busy")
    assert breaker.reason == "busy"
    assert not breaker.lets_pass(later + PAUSE_SECONDS)
    assert breaker.lets_pass(later + 2 + PAUSE_SECONDS)
    breaker.succeeded()
    assert breaker.lets_pass(later + 3 + PAUSE_SECONDS)

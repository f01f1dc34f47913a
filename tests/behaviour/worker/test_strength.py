"""A case that runs against its own recording asks nobody, and notices what it should notice."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from app.domain.grants import Grant
from app.domain.outcomes import Outcome
from app.domain.plans import PlannedCase, Shard, Target
from app.domain.results import CaseFinished, CheckFinished, Event
from app.domain.strength import CaseStrength, Fate
from tests.behaviour.worker.support import LOOPBACK, target_server
from tests.fakes.authorization_server import CLIENT, CLIENT_SECRET, AuthorizationServer
from worker.engine import Engine
from worker.strength.measuring import Effort, Measuring
from worker.strength.tape import Tape

OPERATIONS = ("GET /echo", "POST /echo", "POST /books", "GET /books/{id}", "GET /me")
CONTRACT = json.dumps(
    {
        "contract": 1,
        "operations": {key: {"pointer": f"#/{key}", "responses": {}} for key in OPERATIONS},
        "schemas": {},
    }
)
SCRIPT = '''
from testops import Api, created, expect, fresh

OPERATION = "GET /echo"


def test_strong(api: Api) -> None:
    response = api.get("/echo")
    expect.success(response, 200)
    assert response.json()["body"] == ""


def test_vacuous(api: Api) -> None:
    api.get("/echo")


def test_new_texts(api: Api) -> None:
    """What it sends is another text each time."""
    body = fresh({"name": "kim"}, "name")
    response = api.post("/echo", json=body)
    expect.success(response, 200)
    assert body["name"] in response.json()["body"]


def test_secret(api: Api) -> None:
    response = api.get("/echo", headers={"X-Own": api.secret("TOKEN")})
    expect.success(response, 200)


def test_depends_on_an_answer(api: Api) -> None:
    book = api.post("/books", json={})
    response = api.get("/books/{id}", path={"id": book.json()["id"]})
    expect.success(response, 204)


def test_needs_what_is_created(api: Api) -> None:
    created(api, "/books", "/id")
'''
SIGNED_IN = """
from testops import Api, expect

OPERATION = "GET /me"


def test_me(api: Api) -> None:
    expect.success(api.get("/me"), 200)
"""
CASE = PlannedCase("c1", "GET /echo", "test_echo.py", SCRIPT)


def shard_for(url: str) -> Shard:
    target = Target(url, secrets={"TOKEN": "a-secret-token"}, network=LOOPBACK)
    return Shard("r1", 0, 1, target, (CASE,), CONTRACT)


@pytest.fixture(scope="module")
def recorded(sdk_engine: Engine) -> tuple[Shard, list[Event], CaseStrength]:
    """A run against a target, and the strength of its checks, measured when the target is away."""
    with target_server() as target:
        shard = shard_for(target.url)
        events = list(sdk_engine.execute(shard))
        asked = len(target.seen)
        # The target is there and would answer.
        Measuring(sdk_engine, shard, Effort(1, 0, 60.0)).of(CASE, events)
        assert len(target.seen) == asked
    found = Measuring(sdk_engine, shard, Effort(12, 0, 60.0)).of(CASE, events)
    return shard, events, found


def test_every_check_can_be_replayed_without_the_target(
    recorded: tuple[Shard, list[Event], CaseStrength],
) -> None:
    _, _, found = recorded

    assert {check.check: check.remark for check in found.checks} == dict.fromkeys(
        [
            "test_strong",
            "test_vacuous",
            "test_new_texts",
            "test_secret",
            "test_depends_on_an_answer",
            "test_needs_what_is_created",
        ],
        "",
    )


def test_what_notices_nothing_is_vacuous(
    recorded: tuple[Shard, list[Event], CaseStrength],
) -> None:
    _, _, found = recorded
    rates = {check.check: check.kill_rate for check in found.checks}

    assert found.vacuous == ("test_vacuous",)
    assert rates == {
        "test_strong": 1.0,
        "test_vacuous": 0.0,
        "test_new_texts": 1.0,
        "test_secret": 1.0,
        "test_depends_on_an_answer": 1.0,
        # What it needs is no answer that it judges.
        "test_needs_what_is_created": None,
    }
    fates = [trial.fate for check in found.checks for trial in check.trials]
    assert fates.count(Fate.UNDECIDED) == 0


def test_a_replay_asks_for_no_token(sdk_engine: Engine) -> None:
    """What a user of OAuth 2 was answered is replayed where nobody gives a token any more."""
    case = PlannedCase("c2", "GET /me", "test_me.py", SIGNED_IN)
    with AuthorizationServer() as server:
        users = {
            "mira": {"OAuth2": Grant(CLIENT, CLIENT_SECRET, token_url=f"{server.url}/token").text}
        }
        target = Target(server.url, network=LOOPBACK, identities=users)
        shard = Shard("r2", 0, 1, target, (case,), CONTRACT)
        events = list(sdk_engine.execute(shard))
        assert len(server.forms) == 1
    # Another run, of which the engine has no token.
    away = replace(shard, run_id="r3")
    (check,) = Measuring(sdk_engine, away, Effort(2, 0, 60.0)).of(case, events).checks

    assert (check.remark, check.noticed, check.survived) == ("", 2, 0)


def test_a_replay_tells_of_the_checks_that_have_a_tape(
    sdk_engine: Engine, recorded: tuple[Shard, list[Event], CaseStrength]
) -> None:
    """One whose tape is empty is told that its request was never recorded."""
    shard, events, _ = recorded
    tapes = {
        event.check: Tape(event.exchanges)
        for event in events
        if isinstance(event, CheckFinished) and event.check == "test_secret"
    }
    tapes = {"test_strong": Tape(()), **tapes}

    told = list(sdk_engine.replay(CASE, shard, tapes))

    ended = {event.check: event for event in told if isinstance(event, CheckFinished)}
    assert ended["test_strong"].outcome is Outcome.ERRORED
    assert "was never recorded" in ended["test_strong"].message
    assert [str(each) for each in tapes["test_strong"].unrecorded] == [
        f"GET {shard.target.base_url}/echo was never recorded: it was not asked"
    ]
    assert ended["test_secret"].outcome is Outcome.PASSED
    assert isinstance(told[-1], CaseFinished)
    assert told[-1].deletions == ()
    assert list(ended) == ["test_strong", "test_secret"]


def test_a_replay_that_is_cancelled_ends(
    sdk_engine: Engine, recorded: tuple[Shard, list[Event], CaseStrength]
) -> None:
    shard, _, _ = recorded

    *_, end = sdk_engine.replay(CASE, shard, {"test_strong": Tape(())}, cancelled=lambda: True)

    assert isinstance(end, CaseFinished)
    assert end.outcome is Outcome.ERRORED


def test_a_shard_that_is_measured_asks_no_more_than_one_that_is_not(sdk_engine: Engine) -> None:
    """Its events are the same, and the end of its case says how strong its checks are."""
    asked, ends = [], []
    for changes in (0, 2):
        with target_server() as target:
            *_, end = sdk_engine.execute(replace(shard_for(target.url), changes=changes))
        asked.append(len(target.seen))
        assert isinstance(end, CaseFinished)
        ends.append(end.strength)
    assert asked[0] == asked[1] > 0
    assert ends[0] is None
    assert ends[1] is not None
    assert [check.check for check in ends[1].checks if check.is_vacuous] == ["test_vacuous"]
    assert ends[1].noticed > 0

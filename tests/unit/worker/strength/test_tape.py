"""A recording answers what was recorded, in the state in which it was, and nothing else."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from app.domain.results import Exchange
from tests.factories.exchanges import body_of, exchange, request
from worker.strength.tape import SAFE, Tape, Unrecorded

READ = exchange("GET", "/books/1", 200, {"id": 1, "title": "Old"})
WRITE = exchange("PATCH", "/books/1", 200, {"id": 1, "title": "New"}, sent={"title": "New"})
READ_AGAIN = exchange("GET", "/books/1", 200, {"id": 1, "title": "New"})

#: A few requests over a few paths, each with an answer of its own: what a recording may be.
RECORDINGS = st.lists(
    st.tuples(st.sampled_from(["GET", "HEAD", "POST", "DELETE"]), st.sampled_from("abc")),
    max_size=8,
).map(
    lambda asked: [
        exchange(method, f"/{path}", 200, {"number": number})
        for number, (method, path) in enumerate(asked)
    ]
)


@given(RECORDINGS)
def test_who_asks_the_same_again_is_answered_the_same(recording: list[Exchange]) -> None:
    tape = Tape(recording)

    assert [tape.answer(each) for each in recording] == recording
    assert tape.unrecorded == []


@given(RECORDINGS, st.data())
def test_an_answer_is_only_given_in_the_state_in_which_it_was_recorded(
    recording: list[Exchange], data: st.DataObject
) -> None:
    """However the requests are chosen, the changes that were answered are those recorded before."""
    tape = Tape(recording)
    changes: list[Exchange] = []
    for asked in data.draw(
        st.lists(st.sampled_from(recording), max_size=12) if recording else st.just([])
    ):
        answered = tape.answer(asked)
        if isinstance(answered, Unrecorded):
            continue
        place = recording.index(answered)
        assert [each for each in recording[:place] if each.method not in SAFE] == changes
        assert (answered.method, answered.url) == (asked.method, asked.url)
        changes += [answered] if answered.method not in SAFE else []


def test_a_read_after_a_write_gets_what_was_recorded_after_it() -> None:
    tape = Tape([READ, WRITE, READ_AGAIN])

    assert tape.answer(WRITE) == WRITE
    assert tape.answer(READ) == READ_AGAIN


def test_a_read_before_a_write_never_gets_what_came_after_it() -> None:
    tape = Tape([WRITE, READ_AGAIN])

    assert tape.answer(READ) == Unrecorded(
        "GET", READ.url, "it was not asked in this state of the API"
    )
    assert [str(each) for each in tape.unrecorded] == [
        f"GET {READ.url} was never recorded: it was not asked in this state of the API"
    ]


def test_one_request_is_answered_in_the_recorded_order_and_then_by_the_last_again() -> None:
    polls = [exchange("GET", "/job", 200, {"done": done}) for done in (False, True)]
    tape = Tape(polls)

    assert [tape.answer(polls[0]) for _ in range(3)] == [polls[0], polls[1], polls[1]]


def test_a_write_is_answered_once() -> None:
    tape = Tape([WRITE])
    tape.answer(WRITE)

    assert isinstance(tape.answer(WRITE), Unrecorded)


@given(
    st.sampled_from(
        [
            request("GET", "/books/2"),
            request("HEAD", "/books/1"),
            request("GET", "/books/1?full=1"),
            request("GET", "/books/1", headers=[("Accept", "text/csv")]),
            request("GET", "/books/1", headers=[("X-Tenant", "b")]),
            request("GET", "/books/1", sent={"a": 1}),
        ]
    )
)
def test_another_request_was_never_recorded(other: Exchange) -> None:
    tape = Tape([READ])

    assert tape.answer(other) == Unrecorded(other.method, other.url, "it was not asked")


def test_headers_about_the_connection_make_no_difference() -> None:
    asked = request(
        "GET", "/books/1", headers=[("Host", "elsewhere"), ("Content-Length", "0"), ("TE", "x")]
    )

    assert Tape([READ]).answer(asked) == READ


def test_texts_made_anew_are_found_again_and_answered_as_they_are_now() -> None:
    then, now = "kim-5e1f02aa@example.com", "kim-00ff00ff@example.com"
    create = exchange("POST", "/people", 201, {"id": 7, "mail": then}, sent={"mail": then})
    read = exchange("GET", f"/people?mail={then}", 200, [{"id": 7, "mail": then}])
    tape = Tape([create, read])

    created = tape.answer(request("POST", "/people", sent={"mail": now}))
    found = tape.answer(request("GET", f"/people?mail={now}"))

    assert body_of(created) == {"id": 7, "mail": now}
    assert body_of(found) == [{"id": 7, "mail": now}]


def test_what_an_answer_gave_is_sent_as_it_was_given() -> None:
    """An id of the API's is no text of the script's: another one is another request."""
    one, other = (f"0000000{n}-0000-4000-8000-000000000000" for n in (1, 2))
    tape = Tape(
        [exchange("GET", "/people", 200, [one]), exchange("GET", f"/people/{one}", 200, "Kim")]
    )
    tape.answer(request("GET", "/people"))

    assert isinstance(tape.answer(request("GET", f"/people/{other}")), Unrecorded)


def test_what_is_on_record_is_no_new_text() -> None:
    one, other = "5e1f02aa", "00ff00ff"
    tape = Tape(
        [exchange("PUT", f"/tags/{one}", 204), exchange("PUT", f"/tags/{other}", 409, sent={})]
    )

    assert isinstance(tape.answer(request("PUT", f"/tags/{other}")), Unrecorded)


def test_a_request_that_was_not_kept_as_a_whole_cannot_be_found_again() -> None:
    cut = replace(READ, request=replace(READ.request, truncated=True))

    assert isinstance(Tape([cut]).answer(READ), Unrecorded)


def test_a_request_that_got_no_answer_gets_none_again() -> None:
    silent = replace(READ, status=None, response=None, error="the connection broke")

    assert Tape([silent, WRITE]).answer(READ) == silent
    # What stands beside it can still be told from it.
    tape = Tape([silent, exchange("GET", "/tags/5e1f02aa", 200)])
    assert not isinstance(tape.answer(request("GET", "/tags/00ff00ff")), Unrecorded)


def test_texts_keep_what_they_stand_for() -> None:
    put = exchange("PUT", "/tags/5e1f02aa", 204)
    tape = Tape([put, exchange("GET", "/tags/5e1f02aa", 200)])
    tape.answer(request("PUT", "/tags/00ff00ff"))

    assert isinstance(tape.answer(request("GET", "/tags/11ff11ff")), Unrecorded)
    assert not isinstance(tape.answer(request("GET", "/tags/00ff00ff")), Unrecorded)

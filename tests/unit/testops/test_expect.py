from __future__ import annotations

import gzip
from collections.abc import Callable

import pytest

from testops import Response, expect

Answered = Callable[..., Response]
OK = {"Content_Type": "application/json", "X_Total": "3"}


def test_an_answer_as_documented_is_let_pass(answered: Answered) -> None:
    expect.documented(answered(200, b"[1, 2]", **OK))


def test_a_server_error_is_never_right_even_when_documented(answered: Answered) -> None:
    with pytest.raises(AssertionError, match=r"503 Service Unavailable: expected no server error"):
        expect.documented(answered(503))


def test_a_success_that_is_not_documented_fails_and_says_what_is(answered: Answered) -> None:
    with pytest.raises(AssertionError) as failure:
        expect.documented(answered(302, b"<p>moved</p>", Location="/x"))

    lines = str(failure.value).splitlines()
    assert lines[0].endswith(
        "/pets answered 302 Found: expected a documented status: 200, 204, 404, 503."
    )
    assert lines[1:] == ["Documented at #/paths/~1pets/get", "Location: /x", "Body: <p>moved</p>"]


def test_a_client_error_need_not_be_documented(answered: Answered) -> None:
    expect.documented(answered(418))


def test_where_no_answer_is_documented_any_will_do(answered: Answered) -> None:
    expect.documented(answered(201, operation="GET /plain"))


def test_the_default_stands_for_every_status(answered: Answered) -> None:
    expect.documented(answered(299, operation="POST /pets"))


def test_a_body_is_held_against_its_schema(answered: Answered) -> None:
    with pytest.raises(AssertionError) as failure:
        expect.documented(answered(200, b'[1, "two"]', **OK))

    lines = str(failure.value).splitlines()
    assert lines[0].endswith("200 OK: expected a body that fits its schema.")
    assert lines[1] == 'at /1: "two" is not of type "integer"'
    assert lines[2] == "Documented at #/paths/~1pets/get/responses/200"


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[NaN]"])
def test_a_json_body_has_to_be_json(answered: Answered, body: bytes) -> None:
    with pytest.raises(AssertionError, match="expected a JSON body"):
        expect.documented(answered(200, body, **OK))


def test_no_body_at_all_is_no_json_body(answered: Answered) -> None:
    with pytest.raises(AssertionError, match="expected a JSON body"):
        expect.documented(answered(200, X_Total="1"))


@pytest.mark.parametrize(
    ("media_type", "body"),
    [
        ("application/jsonl", b"1\r\n2\n\n"),
        ("application/json-seq", b"\x1e1\n\x1e2\n"),
        ("application/x-ndjson", b"no JSON, but nobody says what an item is"),
        ("text/event-stream", b"data: 1\n\n"),
    ],
)
def test_each_value_of_a_stream_is_held_against_its_schema(
    answered: Answered, media_type: str, body: bytes
) -> None:
    expect.documented(answered(200, body, "GET /rows", Content_Type=media_type))


@pytest.mark.parametrize(
    ("media_type", "body", "complaint"),
    [
        ("application/jsonl", b'1\n"two"\n', 'item 2 to fit its schema.\nat the top: "two" is not'),
        ("application/json-seq", b"\x1e1\n\x1e{\n", "item 2 to fit its schema.\nit is no JSON"),
    ],
)
def test_a_value_of_a_stream_that_does_not_fit_is_told(
    answered: Answered, media_type: str, body: bytes, complaint: str
) -> None:
    with pytest.raises(AssertionError, match=complaint):
        expect.documented(answered(200, body, "GET /rows", Content_Type=media_type))


def test_a_part_says_which_one_it_is(answered: Answered) -> None:
    parts = "multipart/byteranges; boundary=b"
    one = answered(206, b"a", "GET /plain", Content_Range="bytes 0-0/9")
    expect.preferred(one, 206, needs="x")
    expect.preferred(answered(206, b"", "GET /plain", Content_Type=parts), 206, needs="x")
    with pytest.raises(AssertionError, match="expected the header Content-Range"):
        expect.preferred(answered(206, b"a", "GET /plain"), 206, needs="x")


def test_of_several_successes_the_one_that_was_asked_for_is_demanded(answered: Answered) -> None:
    expect.preferred(answered(204), 204, needs="x")
    with pytest.raises(pytest.skip.Exception, match=r"^Needs a place: .* 200 OK\.$"):
        expect.preferred(answered(200), 204, needs="a place")
    with pytest.raises(pytest.skip.Exception, match=r"^Needs a place: .* 404 Not Found\.$"):
        expect.preferred(answered(404), 204, needs="a place")
    with pytest.raises(AssertionError, match="expected 204 No Content"):
        expect.preferred(answered(203), 204, needs="a place")


def test_a_coding_that_python_cannot_read_decides_nothing(answered: Answered) -> None:
    with pytest.raises(pytest.skip.Exception, match="content coding zz"):
        expect.documented(answered(200, b"\x00", Content_Encoding="zz", **OK))


def test_a_coding_that_python_can_read_is_read(answered: Answered) -> None:
    expect.documented(answered(200, gzip.compress(b"[1]"), Content_Encoding="gzip", **OK))


@pytest.mark.parametrize(
    ("status", "body", "operation"), [(204, b"", "GET /pets"), (200, b"", "HEAD /pets")]
)
def test_answers_without_a_body_are_not_asked_for_one(
    answered: Answered, status: int, body: bytes, operation: str
) -> None:
    expect.documented(answered(status, body, operation))


@pytest.mark.parametrize("media_type", ["text/csv", "TEXT/CSV; header=present", "image/png"])
def test_another_documented_media_type_is_not_read_as_json(
    answered: Answered, media_type: str
) -> None:
    expect.documented(answered(200, b"a,b", Content_Type=media_type, X_Total="1"))


@pytest.mark.parametrize(("media_type", "named"), [("text/html; a=b", "text/html"), ("", "none")])
def test_a_media_type_that_is_not_documented_fails(
    answered: Answered, media_type: str, named: str
) -> None:
    wanted = r"expected Content-Type application/json or text/csv or image/\*, got " + named
    with pytest.raises(AssertionError, match=wanted):
        expect.documented(answered(200, b"x", Content_Type=media_type, X_Total="1"))


def test_a_required_header_has_to_be_there(answered: Answered) -> None:
    with pytest.raises(AssertionError, match="expected the header X-Total"):
        expect.documented(answered(200, b"[]", Content_Type="application/json"))


@pytest.mark.parametrize(("total", "tags"), [("3", "1, 2"), ("0", "7")])
def test_headers_fit_by_what_they_spell(answered: Answered, total: str, tags: str) -> None:
    expect.documented(
        answered(200, b"[]", Content_Type="application/json", X_Total=total, X_Tags=tags)
    )


def test_a_header_that_does_not_fit_fails(answered: Answered) -> None:
    with pytest.raises(AssertionError, match="expected a header X-Total that fits its schema"):
        expect.documented(answered(200, b"[]", Content_Type="application/json", X_Total="many"))


@pytest.mark.parametrize(("status", "statuses"), [(200, (200, 204)), (204, (200, 204)), (299, ())])
def test_a_documented_success_is_let_pass(
    answered: Answered, status: int, statuses: tuple[int, ...]
) -> None:
    expect.success(answered(status), *statuses)


@pytest.mark.parametrize(
    ("status", "statuses", "wanted"),
    [
        (202, (200, 204), "200 OK or 204 No Content"),
        (400, (200,), "200 OK"),
        (302, (), r"a success \(2xx\)"),
        (500, (200,), "200 OK"),
    ],
)
def test_anything_else_fails(
    answered: Answered, status: int, statuses: tuple[int, ...], wanted: str
) -> None:
    with pytest.raises(AssertionError, match=f"expected {wanted}"):
        expect.success(answered(status), *statuses)


@pytest.mark.parametrize(
    ("status", "needs", "reason"),
    [
        (401, "", "Needs credentials: GET"),
        (403, "", "Needs credentials that may do this"),
        (429, "", "Needs a higher rate limit"),
        (409, "", "Needs no conflict"),
        (404, "an existing petId", "Needs an existing petId: GET"),
        (422, "values the API takes for name", "Needs values the API takes for name"),
    ],
)
def test_what_an_input_would_decide_is_skipped_with_its_name(
    answered: Answered, status: int, needs: str, reason: str
) -> None:
    with pytest.raises(pytest.skip.Exception, match=reason):
        expect.success(answered(status), 200, needs=needs)


@pytest.mark.parametrize("status", [405, 406, 415])
def test_refusing_what_is_documented_is_never_excused(answered: Answered, status: int) -> None:
    with pytest.raises(AssertionError, match="expected 200 OK"):
        expect.success(answered(status), 200, needs="an existing petId")


def test_no_media_type_can_be_asked_for_where_none_is_documented(answered: Answered) -> None:
    with pytest.raises(pytest.skip.Exception, match="Needs a media type to ask for"):
        expect.success(answered(406, operation="GET /plain"), 200)


@pytest.mark.parametrize("status", [400, 404, 409, 415, 422])
def test_any_client_error_refuses(answered: Answered, status: int) -> None:
    expect.refused(answered(status))


@pytest.mark.parametrize("status", [200, 302, 500])
def test_anything_else_is_no_refusal(answered: Answered, status: int) -> None:
    with pytest.raises(AssertionError, match=r"expected a refusal \(4xx\)"):
        expect.refused(answered(status))


@pytest.mark.parametrize(("status", "needs"), [(401, ""), (404, "an existing petId")])
def test_a_refusal_for_another_reason_decides_nothing(
    answered: Answered, status: int, needs: str
) -> None:
    with pytest.raises(pytest.skip.Exception, match="Needs "):
        expect.refused(answered(status), needs=needs)


@pytest.mark.parametrize("status", [404, 410])
def test_what_does_not_exist_is_not_found(answered: Answered, status: int) -> None:
    expect.not_found(answered(status))


@pytest.mark.parametrize("status", [200, 204, 302, 405, 500])
def test_anything_else_for_what_does_not_exist_fails(answered: Answered, status: int) -> None:
    with pytest.raises(AssertionError, match="expected 404 Not Found"):
        expect.not_found(answered(status))


@pytest.mark.parametrize(
    ("status", "reason"), [(401, "credentials"), (422, "inputs that are looked at after the id")]
)
def test_another_refusal_of_what_does_not_exist_decides_nothing(
    answered: Answered, status: int, reason: str
) -> None:
    with pytest.raises(pytest.skip.Exception, match=f"Needs {reason}"):
        expect.not_found(answered(status))


def test_long_bodies_are_cut_in_messages(answered: Answered) -> None:
    with pytest.raises(AssertionError) as failure:
        expect.success(answered(302, b"x " * 500), 200)

    assert str(failure.value).endswith("… (1000 bytes)")


CHALLENGE = {"WWW_Authenticate": "Bearer"}


@pytest.mark.parametrize("status", [401, 403])
def test_a_denial_is_one_of_the_statuses(answered: Answered, status: int) -> None:
    expect.denied(answered(status, **CHALLENGE), 401, 403)


@pytest.mark.parametrize(("status", "statuses"), [(200, (401,)), (403, (401,)), (500, (401, 403))])
def test_anything_else_is_no_denial(
    answered: Answered, status: int, statuses: tuple[int, ...]
) -> None:
    with pytest.raises(AssertionError, match="expected 401 Unauthorized"):
        expect.denied(answered(status), *statuses)


@pytest.mark.parametrize(
    ("status", "needs"),
    [(401, "credentials"), (404, "inputs that are looked at"), (429, "a higher")],
)
def test_a_denial_for_another_reason_decides_nothing(
    answered: Answered, status: int, needs: str
) -> None:
    with pytest.raises(pytest.skip.Exception, match=f"Needs {needs}"):
        expect.denied(answered(status, **CHALLENGE), 403)


def test_a_401_without_a_challenge_is_warned_of(answered: Answered) -> None:
    with pytest.warns(UserWarning, match="GET /pets: 401 without WWW-Authenticate"):
        expect.denied(answered(401), 401)


def test_a_list_lacks_what_no_item_has(answered: Answered) -> None:
    response = answered(200, b'{"items": [{"id": 1}, "text"], "id": 7}')

    expect.lacks(response, "/items", "id", 7)
    with pytest.raises(AssertionError, match="expected no item whose id is 1"):
        expect.lacks(response, "/items", "id", 1)


@pytest.mark.parametrize(
    ("status", "body", "needs"),
    [(200, b"{}", "a list at /items"), (200, b"<p>", "a list at"), (404, b"", "a list that can")],
)
def test_a_list_that_cannot_be_read_decides_nothing(
    answered: Answered, status: int, body: bytes, needs: str
) -> None:
    with pytest.raises(pytest.skip.Exception, match=f"Needs {needs}"):
        expect.lacks(answered(status, body), "/items", "id", 1)


def test_a_secret_that_no_schema_lists_leaks(answered: Answered) -> None:
    body, json = b'{"name": "a", "password_hash": "$2b$1"}', {"Content_Type": "application/json"}

    with pytest.raises(AssertionError, match="expected no property password_hash, which no schema"):
        expect.documented(answered(200, body, "GET /user", **json))
    expect.documented(answered(200, b'{"name": "passwd"}', "GET /user", **json))
    # A schema that allows anything lists nothing, and an error says what is wrong with what.
    expect.documented(answered(201, body, "GET /user", **json))
    expect.documented(answered(422, b'{"password": "Too short."}', "GET /user", **json))


@pytest.mark.parametrize(
    ("status", "headers"), [(405, {"Allow": "GET, head"}), (404, {}), (410, {}), (501, {})]
)
def test_a_method_that_is_not_documented_is_not_allowed_or_not_known(
    answered: Answered, status: int, headers: dict[str, str]
) -> None:
    expect.not_allowed(answered(status, **headers))


@pytest.mark.parametrize(
    ("status", "headers", "wanted"),
    [
        (405, {}, "expected the header Allow"),
        (405, {"Allow": "POST"}, "expected GET in the header Allow, which is 'POST'"),
        (200, {}, "expected 405 Method Not Allowed"),
        (302, {}, "expected 405 Method Not Allowed"),
        (500, {}, "expected 405 Method Not Allowed"),
    ],
)
def test_a_method_that_is_allowed_or_refused_without_the_others_fails(
    answered: Answered, status: int, headers: dict[str, str], wanted: str
) -> None:
    with pytest.raises(AssertionError, match=wanted):
        expect.not_allowed(answered(status, **headers))


@pytest.mark.parametrize(("status", "reason"), [(401, "credentials"), (422, "a request")])
def test_a_method_that_is_refused_for_another_reason_decides_nothing(
    answered: Answered, status: int, reason: str
) -> None:
    with pytest.raises(pytest.skip.Exception, match=f"Needs {reason}"):
        expect.not_allowed(answered(status))


@pytest.mark.parametrize(
    ("status", "headers"),
    [(204, {"Allow": "GET, POST"}), (200, {}), (405, {"Allow": "POST"}), (501, {}), (401, {})],
)
def test_options_may_be_unknown_and_need_not_list_methods(
    answered: Answered, status: int, headers: dict[str, str]
) -> None:
    expect.options(answered(status, **headers))


@pytest.mark.parametrize(
    ("status", "headers", "wanted"),
    [
        (500, {}, "expected no server error"),
        (204, {"Allow": "POST"}, "expected GET in the header Allow"),
    ],
)
def test_options_may_neither_break_nor_leave_out_what_is_documented(
    answered: Answered, status: int, headers: dict[str, str], wanted: str
) -> None:
    with pytest.raises(AssertionError, match=wanted):
        expect.options(answered(status, **headers))


def test_head_has_the_status_of_get(answered: Answered) -> None:
    expect.like_get(answered(204), answered(204))

    with pytest.raises(AssertionError, match="expected 204 No Content, as of GET"):
        expect.like_get(answered(200), answered(204))


@pytest.mark.parametrize(
    ("head", "got", "reason"),
    [(405, 200, "a server that answers HEAD"), (400, 404, "a GET that succeeds")],
)
def test_head_decides_nothing_where_it_is_unknown_or_get_fails(
    answered: Answered, head: int, got: int, reason: str
) -> None:
    with pytest.raises(pytest.skip.Exception, match=f"Needs {reason}"):
        expect.like_get(answered(head), answered(got))


def test_an_error_that_gives_away_a_stack_trace_fails(answered: Answered) -> None:
    trace = b"Traceback (most recent call last):\n  File 'x.py', line 1\nKeyError: 'x'"

    with pytest.raises(AssertionError, match="expected no stack trace in an error"):
        expect.documented(answered(400, trace))


def test_a_success_may_hold_whatever_is_documented(answered: Answered) -> None:
    body = b"line\nTraceback (most recent call last):"

    expect.documented(answered(200, body, Content_Type="text/csv", X_Total="1"))


PROBLEM = {"Content_Type": "application/problem+json"}


@pytest.mark.parametrize("body", [b"{}", b'{"status": 404}', b'{"status": "404"}'])
def test_a_problem_is_an_object_with_the_status_of_the_answer(
    answered: Answered, body: bytes
) -> None:
    expect.documented(answered(404, body, **PROBLEM))


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        (b"{", "expected a problem of RFC 9457"),
        (b"[]", "which is an object"),
        (b'{"status": 400}', "expected the problem's status 400 to be the answer's"),
    ],
)
def test_a_body_that_calls_itself_a_problem_is_one(
    answered: Answered, body: bytes, wanted: str
) -> None:
    with pytest.raises(AssertionError, match=wanted):
        expect.documented(answered(422, body, **PROBLEM))

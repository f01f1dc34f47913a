"""What goes out of a case, what comes back, and what is kept of both."""

from __future__ import annotations

import base64
import socket
from dataclasses import replace

import pytest

from app.domain.grants import Grant
from app.domain.network import NetworkPolicy
from app.domain.outcomes import Outcome
from app.domain.plans import Limits
from app.domain.results import CheckFinished, Event
from tests.behaviour.worker.support import TargetServer, checks, ends, shard_of, verdicts
from tests.fakes.authorization_server import (
    CLIENT,
    CLIENT_SECRET,
    PASSWORD,
    USER,
    AuthorizationServer,
)
from worker.engine import Engine

SECRET = {"Authorization": "Bearer top-s3cr3t", "X-Tenant": "blue-team", "Accept": "text/x-any"}


def run(engine: Engine, target: TargetServer, script: str, **more: object) -> list[Event]:
    shard = shard_of(script, base_url=target.url, headers=SECRET, **more)  # type: ignore[arg-type]
    return list(engine.execute(shard))


def passed(events: list[Event]) -> dict[str, CheckFinished]:
    found = checks(events)
    problems = {n: c.message for n, c in found.items() if c.outcome is not Outcome.PASSED}
    assert not problems
    assert found, ends(events)
    return found


def test_credentials_are_added_outside_and_never_shown(
    engine: Engine, target: TargetServer
) -> None:
    """The target gets them; neither the process of the script nor any event holds them."""
    script = """
        def test_sends():
            assert send("/empty").status_code == 204
            here = [*os.environ.values(), *sys.argv, open("test_it.py").read()]
            here.append(open("/proc/self/environ").read())
            assert not any("-s" + "3cr3t" in text for text in here)

        def test_repeats_what_it_got():
            assert send("/echo").text == "nothing"
        """
    events = run(engine, target, script)
    assert verdicts(events) == {
        "test_sends": Outcome.PASSED,
        "test_repeats_what_it_got": Outcome.FAILED,
    }
    assert [seen[2]["authorization"] for seen in target.seen] == ["Bearer top-s3cr3t"] * 2
    assert [seen[2]["x-tenant"] for seen in target.seen] == ["blue-team"] * 2
    # Accept was set by the client itself, so the environment's does not count.
    assert [seen[2]["accept"] for seen in target.seen] == ["*/*"] * 2
    assert "s3cr3t" not in repr(events)
    assert "blue-team" not in repr(events)
    (exchange,) = checks(events)["test_sends"].exchanges
    assert ("Authorization", "[redacted]") in exchange.request.headers


def test_a_header_of_the_script_wins_and_none_may_be_asked_for(
    engine: Engine, target: TargetServer
) -> None:
    script = """
        def test_own():
            send("/echo", headers={"authorization": "Bearer other", "X-Testops-Anything": "1"})

        def test_anonymous():
            send("/echo", headers={"X-Testops-Anonymous": "1"})

        def test_without_one():
            send("/echo", headers={"X-Testops-Withhold": "x-other, x-tenant"})
        """
    passed(run(engine, target, script))
    own, anonymous, without_one = [headers for _, _, headers in target.seen]
    assert own["authorization"] == "Bearer other"
    assert "authorization" not in anonymous
    assert "x-tenant" not in anonymous
    assert "x-tenant" not in without_one
    assert without_one["authorization"] == "Bearer top-s3cr3t"
    assert not [name for _, _, h in target.seen for name in h if name.startswith("x-testops")]


def test_each_user_asks_with_its_own_proof_and_no_script_sees_it(
    engine: Engine, target: TargetServer
) -> None:
    users = {"alice": {"Authorization": "Bearer s3cr3t-a"}, "bob": {"X-User": "s3cr3t-bob"}}
    users["bob"]["?key"] = "s3cr3t-key"
    script = """
        def test_main():
            send("/echo")
            send("/echo", headers={"X-Testops-Anonymous": "1"})

        def test_second():
            send("/echo", headers={"X-Testops-Identity": "bob"})

        def test_names_are_all_there_is():
            assert os.environ["TESTOPS_IDENTITIES"] == '{"alice": {}, "bob": {}}'

        def test_nobody():
            answer = send("/echo", headers={"X-Testops-Identity": "carol"})
            assert "has no identity carol" in answer.text
        """
    events = run(engine, target, script, identities=users)

    passed(events)
    proofs = [(h.get("authorization"), h.get("x-user"), path) for _, path, h in target.seen]
    assert proofs == [
        ("Bearer s3cr3t-a", None, "/echo"),
        (None, None, "/echo"),
        ("Bearer top-s3cr3t", "s3cr3t-bob", "/echo?key=s3cr3t-key"),
    ]
    assert [h["x-tenant"] for _, _, h in target.seen] == ["blue-team"] * 3
    assert "s3cr3t" not in repr(events)


def test_a_user_of_oauth_2_asks_with_a_token_that_no_script_sees(engine: Engine) -> None:
    script = """
        def test_me():
            answer = send("/me")
            assert answer.json() == {"name": "mira", "token": "[redacted]", "id": 7}
            here = [*os.environ.values(), open("/proc/self/environ").read()]
            assert not any("pässw" in text or "token-" in text for text in here)
        """
    with AuthorizationServer() as server:
        asked_with = Grant(CLIENT, CLIENT_SECRET, USER, PASSWORD, discovery_url=server.url)
        users = {"mira": {"OAuth2": asked_with.text}}
        shard = shard_of(script, script, base_url=server.url, identities=users, run_id=server.url)
        events = list(engine.execute(shard))
        assert [end.outcome for end in ends(events)] == [Outcome.PASSED] * 2
        assert len(server.forms) == 1
        for secret in (*server.tokens, CLIENT_SECRET, PASSWORD):
            assert secret not in repr(events)

        users = {"mira": {"OAuth2": replace(asked_with, password="wr0ng").text}}
        events = list(
            engine.execute(replace(shard, target=replace(shard.target, identities=users)))
        )
    assert [end.outcome for end in ends(events)] == [Outcome.ERRORED] * 2
    assert "There is no token for mira." in ends(events)[1].message
    assert "invalid_grant" in ends(events)[1].message
    assert "wr0ng" not in repr(events)
    # The second case did not ask again.
    assert [form["password"] for form in server.forms] == [PASSWORD, "wr0ng"]


def test_exchanges_belong_to_the_check_that_made_them(engine: Engine, target: TargetServer) -> None:
    script = """
        def test_a():
            send("/echo?n=1", "POST", content=b"sent")
            send("/missing")

        def test_none():
            pass

        def test_b():
            send("/large")
        """
    found = passed(run(engine, target, script, limits=Limits(case_seconds=20, body_bytes=1000)))
    first, second = found["test_a"].exchanges
    assert (first.method, first.url, first.status) == ("POST", f"{target.url}/echo?n=1", 200)
    assert first.request.body == "sent"
    assert first.response is not None
    assert '"body": "sent"' in first.response.body
    assert ("X-Odd-CASE", "kept") in first.response.headers
    assert (second.status, first.duration_seconds > 0) == (404, True)
    assert found["test_none"].exchanges == ()
    (large,) = found["test_b"].exchanges
    assert large.response is not None
    assert (large.response.body, large.response.truncated) == ("x" * 1000, True)


def test_responses_come_back_as_they_were(engine: Engine, target: TargetServer) -> None:
    script = """
        def test_raw():
            assert send("/moved").status_code == 302
            assert send("/moved").headers.get_list("set-cookie") == ["a=1", "b=2"]
            assert send("/empty").status_code == 204
            head = send("/large", "HEAD")
            assert (head.headers["content-length"], head.content) == ("100000", b"")
            assert send("/chunked").content == b"abc"
            zipped = send("/zipped")
            assert (zipped.headers["content-encoding"], zipped.text) == ("gzip", "[redacted]")
            raw = [name for name, _ in send("/echo").headers.raw]
            assert b"X-Odd-CASE" in raw
            assert send("/echo", "BREW").status_code == 200
            patient = send("/echo", "POST", content=b"x", headers={"Expect": "100-continue"})
            assert patient.status_code == 200
            assert send("/closing").text == "bye"
            assert send("/a%2Fb//c%20d?x=%26&y").status_code == 404
            assert send("/spoofed").headers.get("x-testops-gateway-error") is None
            assert CLIENT.is_closed is False
        """
    found = passed(run(engine, target, script))
    zipped = found["test_raw"].exchanges[5]
    assert zipped.response is not None
    assert zipped.response.body == "[redacted]"
    assert target.seen[-2][1] == "/a%2Fb//c%20d?x=%26&y"


def test_only_the_target_is_reached(engine: Engine, target: TargetServer) -> None:
    script = """
        import contextlib
        import socket

        def connection():
            return dial.asked(socket.fromfd(DESCRIPTOR, socket.AF_UNIX, socket.SOCK_SEQPACKET))

        def refused(answer):
            return answer.status_code == 403 and answer.headers["x-testops-gateway-error"]

        def test_others():
            assert "not the target" in refused(send(target="http://127.0.0.1:1"))
            assert "not the target" in refused(send(target="ftp://x"))
            assert "not the target" in refused(send(target="http://[::1"))
            bare = CLIENT.get(dial.GATEWAY)
            assert "no X-Testops-Target" in refused(bare)

        def test_tunnels():
            target = os.environ["TESTOPS_BASE_URL"]
            for line in ("GET http://127.0.0.1:1/x", "CONNECT 127.0.0.1:1"):
                with contextlib.closing(connection()) as raw:
                    raw.sendall(f"{line} HTTP/1.1\\r\\nHost: x\\r\\n"
                                f"X-Testops-Target: {target}\\r\\n\\r\\n".encode())
                    assert b" 403 " in raw.recv(100)

        def test_no_http():
            with contextlib.closing(connection()) as raw:
                raw.sendall(b"hello\\r\\n\\r\\n")
                assert b" 400 " in b"".join(iter(lambda: raw.recv(1000), b""))
        """
    found = passed(run(engine, target, script))
    assert target.seen == []
    kept = found["test_others"].exchanges
    assert [(each.status, each.error[:8]) for each in kept] == [(None, "Refused:")] * 4


def test_a_target_that_does_not_answer_is_marked(engine: Engine, target: TargetServer) -> None:
    script = """
        def test_dropped():
            answer = send("/dropped")
            assert answer.status_code == 502
            assert "gave no usable answer" in answer.headers["x-testops-gateway-error"]

        def test_interrupted():
            with pytest.raises(httpx.ReadTimeout):
                send("/slow", timeout=0.2)
        """
    found = passed(run(engine, target, script))
    assert "gave no usable answer" in found["test_dropped"].exchanges[0].error
    (late,) = found["test_interrupted"].exchanges
    assert (late.status, late.error) == (None, "No response had come when the check ended.")


def test_an_unreachable_target_is_marked(engine: Engine) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
        script = """
            def test_a():
                answer = send()
                assert answer.status_code == 502
                assert "cannot be reached" in answer.headers["x-testops-gateway-error"]
            """
        events = list(engine.execute(shard_of(script, base_url=url)))
    assert verdicts(events) == {"test_a": Outcome.PASSED}
    assert "cannot be reached" in checks(events)["test_a"].exchanges[0].error


@pytest.mark.parametrize(
    ("base_url", "message"),
    [
        ("ftp://example.test", "no http or https URL"),
        ("http://user:pw@example.test", "holds credentials"),
    ],
)
def test_a_base_url_that_cannot_be_used_is_the_cases_error(
    engine: Engine, base_url: str, message: str
) -> None:
    (end,) = ends(engine.execute(shard_of("def test_a(): pass", base_url=base_url)))
    assert end.outcome is Outcome.ERRORED
    assert message in end.message


def test_threads_of_a_script_send_at_once_over_the_dial(
    engine: Engine, target: TargetServer
) -> None:
    """Each waits for all the others, so one connection would never do; more are refused."""
    script = """
        import socket
        import threading

        def test_threads():
            together = threading.Barrier(8)
            statuses = []
            def ask():
                together.wait()
                statuses.extend(send("/echo").status_code for _ in range(3))
            threads = [threading.Thread(target=ask) for _ in range(8)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert statuses == [200] * 24

        def test_too_many():
            line = socket.fromfd(DESCRIPTOR, socket.AF_UNIX, socket.SOCK_SEQPACKET)
            kept = [line]
            with pytest.raises(httpx.ConnectError, match="64 connections are open already"):
                while len(kept) < 100:
                    kept.append(dial.asked(line))
            for stream in kept:
                stream.close()

        def test_closing_the_dial_harms_only_the_script():
            with socket.fromfd(DESCRIPTOR, socket.AF_UNIX, socket.SOCK_SEQPACKET) as line:
                line.shutdown(socket.SHUT_RDWR)
                with pytest.raises(httpx.ConnectError, match="gone|does not answer"):
                    dial.asked(line)
        """
    found = passed(run(engine, target, script))
    assert len(found["test_threads"].exchanges) == 24


def test_a_script_uses_secrets_without_seeing_one(engine: Engine, target: TargetServer) -> None:
    """The target gets the value, the script and every event the placeholder or nothing."""
    script = """
        import base64
        import json

        def test_login():
            told = json.loads(os.environ["TESTOPS_SECRETS"])["PASSWORD"]
            pair = base64.b64encode(f"me:{told}".encode()).decode()
            headers = {"X-Password": told, "Authorization": f"Basic {pair}"}
            answer = send(f"/echo?p={told}", "POST", json={"password": told}, headers=headers)
            said = answer.json()
            assert said["headers"]["x-password"] == told
            assert json.loads(said["body"])["password"] == told
            print(told, answer.text)

        def test_nothing_is_sent_where_nothing_was():
            assert send("/empty").status_code == 204
        """
    secrets = {"PASSWORD": "correct horse & battery"}
    events = list(engine.execute(shard_of(script, base_url=target.url, secrets=secrets)))
    assert set(verdicts(events).values()) == {Outcome.PASSED}, checks(events)
    (_, path, headers), (_, _, quiet) = target.seen
    assert path == "/echo?p=correct%20horse%20%26%20battery"
    assert headers["x-password"] == secrets["PASSWORD"]
    told = base64.b64decode(headers["authorization"].removeprefix("Basic ")).decode()
    assert told == f"me:{secrets['PASSWORD']}"
    assert not {"x-password", "authorization"} & quiet.keys()
    assert "horse" not in repr(events)
    (exchange,) = checks(events)["test_login"].exchanges
    assert exchange.request.body == '{"password":"[redacted]"}'


@pytest.mark.parametrize("base_url", ["http://127.0.0.1:9", "http://169.254.169.254"])
def test_an_address_that_may_not_be_asked_is_refused(engine: Engine, base_url: str) -> None:
    script = """
        def test_a():
            answer = send()
            assert answer.status_code == 403
            assert "must not be asked" in answer.headers["x-testops-gateway-error"]
        """
    shard = shard_of(script, base_url=base_url, network=NetworkPolicy())
    found = passed(list(engine.execute(shard)))
    assert found["test_a"].exchanges[0].error.startswith("Refused: the address ")


def test_a_request_that_is_too_large_is_refused_and_on_record(
    engine: Engine, target: TargetServer
) -> None:
    script = """
        def test_a():
            answer = send("/echo", "POST", content=b"x" * (8 * 1024 ** 2 + 1))
            assert answer.status_code == 413
        """
    found = passed(run(engine, target, script))
    (exchange,) = found["test_a"].exchanges
    assert exchange.error == "Refused: the body is longer than 8388608 bytes"
    assert exchange.request.truncated
    assert target.seen == []


def test_requests_beyond_the_pace_wait_and_say_how_long(
    engine: Engine, target: TargetServer
) -> None:
    """The second request of this run is due an interval after the burst that it may begin with."""
    script = """
        def test_a():
            for _ in range(3):
                assert send("/empty").status_code == 204
        """
    limits = Limits(case_seconds=20, requests_per_second=1)
    shard = shard_of(script, base_url=target.url, limits=limits, run_id="paced")
    found = passed(list(engine.execute(shard)))
    first, second, third = [each.timings.held for each in found["test_a"].exchanges]
    assert (first, second) == (0, 0)
    assert 0.5 < third <= 1
    assert found["test_a"].exchanges[2].timings.first_byte is not None


def test_the_runs_that_are_remembered_are_bounded(
    engine: Engine, target: TargetServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("worker.gateway.hub._RUNS", 2)
    for number in range(4):
        shard = shard_of("def test_a(): send('/empty')", base_url=target.url, run_id=f"r-{number}")
        passed(list(engine.execute(shard)))
    assert [key[0] for key in engine._hub._passages] == ["r-2", "r-3"]

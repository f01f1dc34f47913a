import base64
import gzip
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from app.domain.network import NetworkPolicy
from app.errors import DescriptionError
from app.openapi import fetching
from app.openapi.fetching import Fetched, FetchPolicy

Answer = tuple[int, dict[str, str], bytes]


@dataclass
class Site:
    """A server on loopback, and what it was asked."""

    port: int
    answers: dict[str, Answer] = field(default_factory=dict)
    requests: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"


def serve() -> Iterator[Site]:
    here = Site(0)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            here.requests.append((self.path, dict(self.headers)))
            status, headers, body = here.answers.get(self.path, (404, {}, b""))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Keep the test's output clean."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        here.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield here
        server.shutdown()
        thread.join()


@pytest.fixture
def site() -> Iterator[Site]:
    yield from serve()


@pytest.fixture
def other() -> Iterator[Site]:
    yield from serve()


LOCAL = FetchPolicy(NetworkPolicy(allow_private=True))


def test_the_data_comes_with_the_place_it_was_found_at(site: Site) -> None:
    site.answers["/spec.json?v=1"] = (200, {}, b"{}")
    url = site.url("/spec.json?v=1")
    assert fetching.fetch(url, policy=LOCAL) == Fetched(b"{}", url)
    ((_, headers),) = site.requests
    assert headers["Host"] == f"127.0.0.1:{site.port}"
    assert "Authorization" not in headers


def test_gzip_is_handed_on_packed(site: Site) -> None:
    packed = gzip.compress(b"openapi")
    site.answers["/s"] = (200, {"Content-Encoding": "gzip"}, packed)
    assert fetching.fetch(site.url("/s"), policy=LOCAL).data == packed


def test_an_encoding_that_cannot_be_read_is_refused(site: Site) -> None:
    site.answers["/s"] = (200, {"Content-Encoding": "br"}, b"x")
    with pytest.raises(DescriptionError, match="encoded as 'br'"):
        fetching.fetch(site.url("/s"), policy=LOCAL)


def test_odd_characters_are_percent_encoded(site: Site) -> None:
    site.answers["/sp%C3%A9c%20x?q=%22"] = (200, {}, b"{}")
    fetched = fetching.fetch(site.url('/spéc x?q="#part'), policy=LOCAL)
    assert fetched.url == site.url("/sp%C3%A9c%20x?q=%22")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0x7f000001", "2130706433", "127.1"])
def test_by_default_loopback_is_refused_in_every_spelling(site: Site, host: str) -> None:
    with pytest.raises(DescriptionError, match="must not be asked"):
        fetching.fetch(site.url("/s", host), policy=FetchPolicy())
    assert site.requests == []


@pytest.mark.parametrize("url", ["http://[::1]:1/", "http://[::ffff:127.0.0.1]:1/"])
def test_ipv6_spellings_are_refused_as_well(url: str) -> None:
    with pytest.raises(DescriptionError, match="must not be asked"):
        fetching.fetch(url, policy=FetchPolicy())


def test_the_metadata_service_is_refused_even_where_private_addresses_are_allowed() -> None:
    with pytest.raises(DescriptionError, match="cloud metadata service") as caught:
        fetching.fetch("http://169.254.169.254/latest?secret=1", policy=LOCAL)
    assert caught.value.where == "http://169.254.169.254/latest"
    assert "administrator" in caught.value.hint


def test_a_name_is_refused_when_one_of_its_addresses_is(site: Site) -> None:
    policy = FetchPolicy(resolve=lambda *_: ["93.184.216.34", "127.0.0.1"])
    with pytest.raises(DescriptionError, match=r"127.0.0.1 of 'api.test'"):
        fetching.fetch(site.url("/s", "api.test"), policy=policy)


def test_a_name_is_resolved_once_and_the_connection_goes_to_that_address(site: Site) -> None:
    site.answers["/s"] = (200, {}, b"{}")
    asked: list[tuple[str, int]] = []

    def resolve(host: str, port: int, _seconds: float) -> list[str]:
        asked.append((host, port))
        return ["127.0.0.1"] if len(asked) == 1 else ["192.0.2.1"]

    policy = FetchPolicy(NetworkPolicy(allow_private=True), resolve=resolve)
    fetching.fetch(site.url("/s", "API.test."), policy=policy)
    assert asked == [("api.test", site.port)]
    assert site.requests[0][1]["Host"] == f"api.test:{site.port}"


@pytest.mark.parametrize("with_port", [True, False])
def test_a_host_can_be_allowed_by_name(site: Site, *, with_port: bool) -> None:
    site.answers["/s"] = (200, {}, b"{}")
    allowed = f"127.0.0.1:{site.port}" if with_port else "127.0.0.1"
    policy = FetchPolicy(NetworkPolicy((allowed,)))
    assert fetching.fetch(site.url("/s"), policy=policy).data == b"{}"
    with pytest.raises(DescriptionError, match="must not be asked"):
        fetching.fetch(site.url("/s", "localhost"), policy=policy)


def test_redirects_are_followed_and_tell_where_it_was(site: Site, other: Site) -> None:
    site.answers["/a"] = (302, {"Location": "/b"}, b"")
    site.answers["/b"] = (307, {"Location": other.url("/c")}, b"")
    other.answers["/c"] = (200, {}, b"{}")
    assert fetching.fetch(site.url("/a"), policy=LOCAL).url == other.url("/c")


def test_a_redirect_into_the_own_network_is_refused(site: Site, other: Site) -> None:
    site.answers["/a"] = (302, {"Location": other.url("/secret")}, b"")
    policy = FetchPolicy(NetworkPolicy((f"127.0.0.1:{site.port}",)))
    with pytest.raises(DescriptionError, match="must not be asked"):
        fetching.fetch(site.url("/a"), policy=policy)
    assert other.requests == []


@pytest.mark.parametrize(
    "location", ["file:///etc/passwd", "gopher://x/", "http://", "http://[::1"]
)
def test_a_redirect_to_anything_but_http_is_refused(site: Site, location: str) -> None:
    site.answers["/a"] = (302, {"Location": location}, b"")
    with pytest.raises(DescriptionError, match="URL"):
        fetching.fetch(site.url("/a"), policy=LOCAL)


def test_endless_redirects_end(site: Site) -> None:
    site.answers["/a"] = (302, {"Location": "/a"}, b"")
    with pytest.raises(DescriptionError, match="more than 5 times"):
        fetching.fetch(site.url("/a"), policy=LOCAL)
    assert len(site.requests) == 6


def test_credentials_go_along_to_the_same_place_only(site: Site, other: Site) -> None:
    site.answers["/a"] = (302, {"Location": "/b"}, b"")
    site.answers["/b"] = (302, {"Location": other.url("/c")}, b"")
    other.answers["/c"] = (200, {}, b"{}")
    fetched = fetching.fetch(site.url("/a", "us%40er:p%3Aw@127.0.0.1"), policy=LOCAL)
    expected = f"Basic {base64.b64encode(b'us@er:p:w').decode()}"
    assert [headers.get("Authorization") for _, headers in site.requests] == [expected] * 2
    assert "Authorization" not in other.requests[0][1]
    assert "p%3Aw" not in fetched.url


def test_a_redirect_may_bring_its_own_credentials(site: Site) -> None:
    site.answers["/a"] = (302, {"Location": site.url("/b", "new@127.0.0.1")}, b"")
    site.answers["/b"] = (200, {}, b"{}")
    fetching.fetch(site.url("/a", "old@127.0.0.1"), policy=LOCAL)
    expected = f"Basic {base64.b64encode(b'new:').decode()}"
    assert site.requests[1][1]["Authorization"] == expected


def test_an_error_never_tells_credentials_or_query(site: Site) -> None:
    with pytest.raises(DescriptionError, match="status 404") as caught:
        fetching.fetch(site.url("/s?token=hidden", "user:hidden@127.0.0.1"), policy=LOCAL)
    assert "hidden" not in str(caught.value)
    assert caught.value.where == site.url("/s")


def test_a_redirect_that_leads_nowhere_is_an_answer_of_its_own(site: Site) -> None:
    site.answers["/a"] = (302, {}, b"")
    with pytest.raises(DescriptionError, match="status 302"):
        fetching.fetch(site.url("/a"), policy=LOCAL)


def test_too_much_is_refused(site: Site) -> None:
    site.answers["/s"] = (200, {}, b"x" * 2000)
    with pytest.raises(DescriptionError, match="larger than 1,000 bytes"):
        fetching.fetch(
            site.url("/s"), policy=FetchPolicy(NetworkPolicy(allow_private=True), max_bytes=1000)
        )


@pytest.mark.parametrize(
    "url",
    [
        "ftp://a.example/x",
        "file:///etc/passwd",
        "a.example/x",
        "http://",
        "http:///x",
        "http://[::1",
        "http://a.example:99999/",
        "http://a..b/",
        "http://a b/",
        'http://a"b/',
    ],
)
def test_what_is_no_http_url_is_refused(url: str) -> None:
    with pytest.raises(DescriptionError, match="URL") as caught:
        fetching.fetch(url, policy=FetchPolicy())
    assert "https://api.example.com" in caught.value.hint


def test_an_unknown_host_is_a_clear_error() -> None:
    def unknown(*_: object) -> list[str]:
        raise OSError("Name or service not known")

    with pytest.raises(DescriptionError, match=r"host is not known: Name") as caught:
        fetching.fetch("https://no.invalid/x", policy=FetchPolicy(resolve=unknown))
    assert caught.value.where == "https://no.invalid/x"


def test_a_refused_connection_is_a_clear_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(DescriptionError, match="No usable answer"):
        fetching.fetch(f"http://127.0.0.1:{port}/", policy=LOCAL)


def test_a_certificate_must_be_valid(site: Site) -> None:
    with pytest.raises(DescriptionError, match="No usable answer"):
        fetching.fetch(f"https://127.0.0.1:{site.port}/", policy=LOCAL)


@pytest.mark.parametrize("trickle", [b"", b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 OK\r\n\r\n"])
def test_a_server_that_sends_a_byte_now_and_then_is_left_at_the_deadline(trickle: bytes) -> None:
    done = threading.Event()

    def drip(server: socket.socket) -> None:
        peer, _ = server.accept()
        with peer:
            peer.sendall(trickle)
            try:
                while not done.wait(0.01):
                    peer.sendall(b"a" if trickle else b"")
            except OSError:
                return

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=drip, args=[server])
        thread.start()
        begun = time.monotonic()
        policy = FetchPolicy(NetworkPolicy(allow_private=True), total_seconds=0.3)
        with pytest.raises(DescriptionError, match=r"No answer within 0.3 seconds"):
            fetching.fetch(f"http://127.0.0.1:{server.getsockname()[1]}/", policy=policy)
        assert time.monotonic() - begun < 3
        done.set()
        thread.join()

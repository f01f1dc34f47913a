import pytest

from app.openapi.imports import curl
from app.openapi.imports.samples import FormField, Kept, Payload, Sample


def one(text: str) -> Sample:
    (sample,) = curl.read(text).samples
    return sample


def told(kept: Kept) -> list[str]:
    return [remark.message for remark in kept.remarks]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("curl http://a", True),
        ("# first\n $ curl.exe -X GET x", True),
        ("curly: braces", False),
        ("openapi: 3.0.0\n# curl x", False),
    ],
)
def test_a_command_line_is_known_by_its_beginning(text: str, *, expected: bool) -> None:
    assert curl.is_command_line(text) is expected


def test_a_command_line_of_a_browser_is_read() -> None:
    sample = one(
        "curl 'https://a.example/v1/pets?x=1&y=' \\\n  -X 'PUT' \\\n  -H 'accept: */*' \\\n"
        "  -H 'content-type: application/json' \\\n  --data-raw $'{\"name\": \"it\\'s\"}'"
        " --compressed"
    )
    assert (sample.method, sample.origin, sample.path) == ("PUT", "https://a.example", "/v1/pets")
    assert sample.query == (("x", "1"), ("y", ""))
    assert sample.headers == (("accept", "*/*"), ("content-type", "application/json"))
    assert sample.body == Payload("application/json", '{"name": "it\'s"}')


FORM = "application/x-www-form-urlencoded"


def form(*fields: FormField, media_type: str = FORM, needs: tuple[str, ...] = ()) -> Payload:
    return Payload(media_type, fields=fields, needs=needs)


PARTS = form(
    FormField("a", "1"),
    FormField("f", is_file=True),
    FormField("b", "@c"),
    media_type="multipart/form-data",
)


@pytest.mark.parametrize(
    ("options", "method", "body"),
    [
        ("", "GET", None),
        ("-I", "HEAD", None),
        ("-sSLXDELETE", "DELETE", None),
        ("-d a=1 -d b=2", "POST", form(FormField("a", "1"), FormField("b", "2"))),
        (
            "--data-urlencode 'a=b c' --data-urlencode =d --data-urlencode e",
            "POST",
            form(FormField("a", "b c"), FormField("d"), FormField("e")),
        ),
        ("--json '{}'", "POST", Payload("application/json", "{}")),
        ("-H 'Content-Type: text/plain' -d a -d b", "POST", Payload("text/plain", "a&b")),
        ("-d '{\"a\": 1}'", "POST", Payload("application/json", '{"a": 1}')),
        (
            "-F 'a=\"1 \\\"x\"; type=text/plain' -F 'b=2;type=text/plain' -F c='\"3'",
            "POST",
            form(
                *(FormField("a", '1 "x'), FormField("b", "2"), FormField("c", '"3')),
                media_type="multipart/form-data",
            ),
        ),
        ("--proto =https --speed-time 3 > out 2>/dev/null", "GET", None),
        ("-F a=1 -F f=@x.png --form-string b=@c", "POST", PARTS),
        ("--request=patch --max-time 5 -o /dev/null", "PATCH", None),
        ("-", "GET", None),
    ],
)
def test_options_add_up_to_a_request(options: str, method: str, body: Payload | None) -> None:
    sample = curl.read(f"curl {options} http://a.example/x").samples[-1]
    assert (sample.method, sample.body) == (method, body)


def test_data_go_into_the_query_where_that_is_asked_for() -> None:
    sample = one("curl -G --url a.example/x?p=0 -d a=1 --get --data-urlencode 'q=b c'")
    assert (sample.method, sample.query) == ("GET", (("p", "0"), ("a", "1"), ("q", "b c")))
    assert sample.body is None


def test_the_query_is_added_to() -> None:
    sample = one("curl --url-query a=b+c --url-query +d=%20 'http://a.example/x?e=$F&g=<id>'")
    assert sample.query == (("a", "b+c"), ("d", " "))
    assert sample.unset_query == ("e", "g")


def test_places_in_a_path_are_parameters() -> None:
    sample = one("curl https://$HOST/a/$ID/${B}/<c-d>/:e/{f}/:/x$y")
    assert (sample.origin, sample.path) == ("", "/a/{ID}/{B}/{c-d}/{e}/{f}/:/x$y")


def test_what_is_no_address_is_told() -> None:
    assert told(curl.read("curl $URL")) == ["'$URL' is left out: it is no address."]


def test_credentials_become_headers() -> None:
    sample = one("curl -u a:b --oauth2-bearer t -b 'c=d' -H broken -H ': x' http://a.example")
    assert sample.headers == (
        ("Authorization", "Basic YTpi"),
        ("Authorization", "Bearer t"),
        ("Cookie", "c=d"),
    )


def test_no_file_is_read() -> None:
    kept = curl.read("curl -d @/etc/passwd --data-urlencode a@/etc/hosts http://a.example")
    assert [(sample.method, sample.body) for sample in kept.samples] == [
        ("POST", form(needs=("/etc/passwd", "/etc/hosts")))
    ]
    assert told(kept) == [
        "The file '/etc/passwd' is not read; the request has no body from it.",
        "The file '/etc/hosts' is not read; the request has no body from it.",
    ]
    assert one("curl -T x.png http://a.example").method == "PUT"
    assert one("curl -G -d @x http://a.example").method == "GET"


def test_what_is_missing_is_told() -> None:
    kept = curl.read("curl --header")
    assert told(kept) == ["The option --header has no value.", "The command line has no address."]
    assert (kept.samples, kept.title) == ((), "Requests")


def test_other_commands_are_passed_over() -> None:
    kept = curl.read(
        "cd /tmp; $ curl http://a.example | jq .\n$\ncurl http://a.example/b 'c.example'"
    )
    assert [sample.pointer for sample in kept.samples] == ["#command-2", "#command-5", "#command-5"]
    assert kept.title == "Requests to a.example"

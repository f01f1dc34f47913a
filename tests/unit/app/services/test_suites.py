import pytest
from sqlalchemy.orm import Session

from app.domain import grants
from app.errors import InvalidInputError, NotFoundError
from app.models import Suite
from app.models.base import new_id
from app.services import descriptions, runs, suites
from app.settings import Settings
from tests.database_fixtures import settings_for
from tests.factories import rows
from tests.factories.documents import openapi


def create(session: Session, settings: Settings, **values: object) -> Suite:
    given: dict[str, object] = {"name": "Pets", "base_url": rows.BASE_URL, "headers": {}}
    description = rows.description(session)
    return suites.create(session, description.id, settings=settings, **(given | values))  # type: ignore[arg-type]


def test_a_suite_has_its_environment(session: Session, policy: Settings) -> None:
    user = rows.user(session)
    suite = create(session, policy, name=" Pets ", base_url="http://api.test/v1/", user_id=user.id)
    environment = suites.environment(session, suite.id)
    assert (suite.name, suite.created_by) == ("Pets", user.id)
    assert (environment.base_url, environment.sealed_headers) == ("http://api.test/v1", "")


def test_headers_are_kept_sealed(session: Session, policy: Settings) -> None:
    suite = create(session, policy, headers={" X-Key ": " s3cret "})
    environment = suites.environment(session, suite.id)
    assert "s3cret" not in environment.sealed_headers
    assert suites.target(environment, policy).headers == {"X-Key": "s3cret"}


def test_secrets_are_kept_sealed_and_go_with_a_run(session: Session, policy: Settings) -> None:
    """Those of the moment: what replaces them holds from the next run on."""
    suite = rows.suite(session, policy, cases=1)
    given = {"PASSWORD": "a: b\tä\n"}
    suites.set_environment(
        session, suite.id, base_url=rows.BASE_URL, secrets=given, settings=policy
    )
    run = runs.start(session, suite.id, settings=policy)
    suites.set_environment(session, suite.id, base_url=rows.BASE_URL, secrets={}, settings=policy)
    assert "PASSWORD" not in run.sealed_secrets
    assert suites.target(run, policy).secrets == given
    assert suites.target(suites.environment(session, suite.id), policy).secrets == {}


def test_sealed_headers_need_the_key_they_were_sealed_with(
    session: Session, policy: Settings
) -> None:
    environment = suites.environment(session, create(session, policy, headers={"X": "1"}).id)
    other = settings_for("postgresql://nowhere/none", secret_key="another key of enough letters!!!")
    with pytest.raises(InvalidInputError, match="seal"):
        suites.target(environment, other)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("HTTPS://Api.Test/v1//", "HTTPS://Api.Test/v1"),
        ("http://[::1]:80/x", "http://[::1]:80/x"),
    ],
)
def test_an_absolute_url_is_taken(given: str, kept: str) -> None:
    assert suites.checked_base_url(given) == kept


@pytest.mark.parametrize(
    "url",
    [
        "",
        "api.test",
        "//api.test",
        "ftp://api.test",
        "javascript:alert(1)",
        "http://",
        "http://api.test:port",
        "http://api.test:99999",
        "http://api.test:0",
        "http://[::1",
        "http://user:password@api.test",
        "http://api.test/?a=1",
        "http://api.test/#a",
        "http://api.test/a b",
        pytest.param("http://api.test/" + "a" * 2000, id="long"),
        "http://api.test/\x00",
    ],
)
def test_what_is_no_base_url_is_refused(url: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        suites.checked_base_url(url)
    assert caught.value.where == "base_url"


@pytest.mark.parametrize(
    "header",
    [
        ("", "x"),
        ("X Key", "x"),
        ("X:", "x"),
        ("Ä", "x"),
        ("X", "a\r\nY: b"),
        ("X", "ä"),
        ("X", "\x00"),
    ],
)
def test_a_header_that_cannot_be_sent_is_refused(header: tuple[str, str]) -> None:
    with pytest.raises(InvalidInputError) as caught:
        suites.checked_headers(dict([header]))
    assert caught.value.where == "headers"


@pytest.mark.parametrize("secret", [("", "x"), ("A B", "x"), ("Ä", "x"), ("A", ""), ("A", "s\x00")])
def test_a_secret_that_cannot_be_kept_is_refused(secret: tuple[str, str]) -> None:
    with pytest.raises(InvalidInputError) as caught:
        suites.checked_secrets(dict([secret]))
    assert caught.value.where == "secrets"
    assert "\x00" not in str(caught.value)


def test_a_suite_needs_a_description_that_is_there(session: Session, policy: Settings) -> None:
    with pytest.raises(NotFoundError, match="API description"):
        suites.create(session, new_id(), name="x", base_url=rows.BASE_URL, settings=policy)


def test_a_suite_needs_a_name(session: Session, policy: Settings) -> None:
    with pytest.raises(InvalidInputError) as caught:
        create(session, policy, name=" ")
    assert caught.value.where == "name"


def test_suites_are_listed(session: Session, policy: Settings) -> None:
    made = create(session, policy)
    other = create(session, policy)
    assert {row.id for row in suites.list(session).items} == {made.id, other.id}
    assert [row.id for row in suites.of_description(session, made.api_description_id)] == [made.id]
    assert suites.get(session, made.id) is made


def test_the_environment_can_be_replaced(session: Session, policy: Settings) -> None:
    """What is not given stays."""
    suite = create(session, policy, headers={"X-Key": "old"}, secrets={"A": "kept"})
    changed = suites.set_environment(
        session, suite.id, base_url="http://other.test/", headers={}, settings=policy
    )
    assert suites.environment(session, suite.id) is changed
    assert suites.target(changed, policy).secrets == {"A": "kept"}
    assert (changed.base_url, changed.sealed_headers) == ("http://other.test", "")


def test_identities_are_kept_sealed_in_their_order_and_go_with_a_run(
    session: Session, policy: Settings
) -> None:
    suite = rows.suite(session, policy, cases=1)
    given = {"bob": {" X-Key ": "s3cret-b"}, "alice": {"X-Key": "s3cret-a", "X": "1"}}
    suites.set_environment(
        session, suite.id, base_url=rows.BASE_URL, identities=given, settings=policy
    )
    run = runs.start(session, suite.id, settings=policy)
    suites.set_environment(
        session, suite.id, base_url=rows.BASE_URL, identities={}, settings=policy
    )
    assert "s3cret" not in run.sealed_identities
    kept = suites.target(run, policy).identities
    assert kept == {"bob": {"X-Key": "s3cret-b"}, "alice": given["alice"]}
    assert list(kept) == ["bob", "alice"]
    assert suites.target(suites.environment(session, suite.id), policy).identities == {}


def test_a_grant_is_kept_with_where_the_description_says_that_tokens_come_from(
    session: Session, policy: Settings
) -> None:
    """What the user says themselves is kept as it is."""
    flow = {"tokenUrl": "/token", "scopes": {}}
    schemes = {"o": {"type": "oauth2", "flows": {"clientCredentials": flow}}}
    document = openapi({}, components={"securitySchemes": schemes})
    described = descriptions.add(session, descriptions.read_bytes(document))
    suite = suites.create(
        session,
        described.id,
        name="Shop",
        base_url="http://api.test/v1",
        identities={
            "alice": {" oauth2 ": "client_id=a client_secret=s3cret", "X-Tenant": "t"},
            "bob": {"OAuth2": "username=b password=s3crét token_url=http://id.test/t"},
        },
        settings=policy,
    )
    row = suites.environment(session, suite.id)
    assert "s3cr" not in row.sealed_identities
    identities = suites.target(row, policy).identities
    assert identities["alice"]["X-Tenant"] == "t"
    kept = grants.of_identities(identities)
    assert kept["alice"].token_url == "http://api.test/token"
    assert (kept["bob"].password, kept["bob"].token_url) == ("s3crét", "http://id.test/t")


def test_a_grant_belongs_to_an_identity_and_to_no_header(
    session: Session, policy: Settings
) -> None:
    with pytest.raises(InvalidInputError, match="not sent as a header") as caught:
        create(session, policy, headers={"oauth2": "client_id=a client_secret=s3cret"})
    assert "s3cret" not in str(caught.value)
    assert caught.value.where == "headers"
    with pytest.raises(InvalidInputError, match="where the token of al comes from") as caught:
        create(session, policy, identities={"al": {"OAuth2": "client_id=a client_secret=b"}})
    assert caught.value.where == "identities"


def test_what_proves_who_asks_may_stand_in_the_query() -> None:
    kept = suites.checked_identities({"al": {" ?api_key ": " k ", "X": "1"}})
    assert kept == {"al": {"?api_key": "k", "X": "1"}}
    for name, value in (("?", "k"), ("?a b", "k"), ("??a", "k"), ("?a", "k\nx")):
        with pytest.raises(InvalidInputError):
            suites.checked_identities({"al": {name: value}})
    with pytest.raises(InvalidInputError):
        suites.checked_headers({"?api_key": "k"})


@pytest.mark.parametrize(
    "identity", [("", "x"), ("A B", "x"), ("A" * 101, "x"), ("A", "s3cret\n!")]
)
def test_an_identity_that_cannot_be_kept_is_refused(identity: tuple[str, str]) -> None:
    name, value = identity
    with pytest.raises(InvalidInputError) as caught:
        suites.checked_identities({name: {"X-Key": value}})
    assert caught.value.where == "identities"
    assert "s3cret" not in str(caught.value)

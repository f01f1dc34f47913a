from tests.reader_fixtures import Reader, words
from tests.web_fixtures import EMAIL, PASSWORD


def test_a_page_leads_a_stranger_to_the_sign_in_and_back(stranger: Reader, user_id: str) -> None:
    asked = stranger.get("/runs?cursor=x")
    assert asked.status_code == 302
    form = stranger.get(asked.location)
    assert 'action="/sign-in?next=/runs?cursor%3Dx"' in form.text
    answer = stranger.post(asked.location, email=EMAIL, password=PASSWORD)
    assert (answer.status_code, answer.location) == (302, "/runs?cursor=x")


def test_no_page_is_open_to_strangers(stranger: Reader) -> None:
    for path in ("/", "/api-descriptions/", "/suites/", "/cases/x", "/runs", "/notifications/"):
        assert stranger.get(path).location.startswith("/sign-in"), path
        assert stranger.get(path, htmx=True).status_code == 401, path


def test_a_wrong_password_is_said_and_the_address_kept(stranger: Reader, user_id: str) -> None:
    answer = stranger.post("/sign-in", email=EMAIL, password="not this one")
    assert answer.status_code == 401
    assert "The address or the password is wrong." in words(answer)
    assert f'value="{EMAIL}"' in answer.text
    assert "not this one" not in answer.text


def test_signing_in_never_leads_to_another_site(stranger: Reader, user_id: str) -> None:
    wishes = ("https://evil.test/", "//evil.test", "/\\evil.test", "javascript:x()", "/a\nb", "")
    for wanted in wishes:
        answer = stranger.client.post(
            "/sign-in",
            query_string={"next": wanted},
            data={"csrf_token": stranger.token, "email": EMAIL, "password": PASSWORD},
        )
        assert answer.location == "/", wanted
        stranger.get("/")
        stranger.post("/sign-out")
        stranger.get("/sign-in")


def test_who_is_signed_in_needs_no_sign_in(reader: Reader) -> None:
    assert reader.get("/sign-in").location == "/"


def test_signing_out_ends_the_session(reader: Reader) -> None:
    assert reader.post("/sign-out").location == "/sign-in"
    assert reader.get("/").location.startswith("/sign-in")


def test_a_form_without_its_token_is_refused(reader: Reader) -> None:
    reader.token = ""
    assert reader.post("/sign-out").status_code == 400
    assert reader.get("/").status_code == 200

"""Channels of a suite: where its news goes, what was told there, and who follows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from werkzeug.wrappers import Response

from app.domain.channels import Service
from app.domain.news import Kind
from app.errors import ConflictError, InvalidInputError
from app.models.channel import Channel
from app.services import channels, followers, notifications, suites
from app.views.database import settings, transaction
from app.views.ui.requests import REFUSED, argument, field, number

BLUEPRINT = Blueprint("channels", __name__)

#: What a channel can be told of, in the words of the page.
RULES: Final[Mapping[Kind, str]] = {
    Kind.NEW_FAILURE: "Something is red that was not red before",
    Kind.RECOVERY: "What was red passes again, and nothing is red",
    Kind.ALERT: "A limit that was set is passed",
    Kind.ANOMALY: "A duration or a pass rate is far from the usual",
    Kind.FLAKY: "A check gives now this and now that",
    Kind.FAILURE: "Each test execution with something red",
    Kind.FINISH: "Each end of a test execution",
    Kind.GENERATION: "Cases were written",
}

#: What a newcomer mostly wants: what asks for something to be done, and that it was.
PROPOSED: Final = (Kind.NEW_FAILURE, Kind.RECOVERY, Kind.ALERT)

#: Hours, and the words for them.
DIGESTS: Final[Mapping[int, str]] = {
    0: "each at once",
    1: "at most one message an hour",
    6: "at most one message in 6 hours",
    24: "at most one message a day",
    168: "at most one message a week",
}

#: Messages of the log on a page.
SHOWN: Final = 20


@dataclass(frozen=True, slots=True)
class ChannelForm:
    """What the form holds, as typed. Secrets are never shown again."""

    name: str = ""
    service: str = Service.MAIL
    address: str = ""
    rules: tuple[str, ...] = PROPOSED
    digest_hours: int = 0


@BLUEPRINT.get("/suites/<suite_id>/channels")
def index(suite_id: str) -> str:
    """The channels of a suite, and a form for one more."""
    return _list(suite_id, ChannelForm())


def _list(suite_id: str, form: ChannelForm, error: InvalidInputError | None = None) -> str:
    with transaction() as session:
        suite = suites.get(session, suite_id)
        return render_template(
            "channels/index.html",
            suite=suite,
            channels=channels.list(session, suite.id),
            last=notifications.last_of_suite(session, suite.id),
            is_followed=followers.follows(session, suite.id, current_user.id),
            form=form,
            refused=error,
            sends_mail=bool(settings().smtp_url.get_secret_value()),
            rules=RULES,
            digests=DIGESTS,
        )


def _sent() -> ChannelForm:
    return ChannelForm(
        name=field("name"),
        service=field("service"),
        address=field(f"address_{field('service')}"),
        rules=tuple(request.form.getlist("rules")),
        digest_hours=number("digest_hours"),
    )


@BLUEPRINT.post("/suites/<suite_id>/channels")
def add(suite_id: str) -> ResponseReturnValue:
    """Add a channel; a webhook's secret is shown this once."""
    form = _sent()
    try:
        with transaction() as session:
            row = channels.add(
                session,
                suite_id,
                name=form.name,
                service=form.service,
                place=form.address,
                secret=field(f"secret_{form.service}"),
                rules=form.rules,
                digest_hours=form.digest_hours,
                settings=settings(),
            )
            secret = channels.secret_of(row, settings())
            if secret:
                return render_template("channels/made.html", channel=row, secret=secret)
    except InvalidInputError as error:
        return _list(suite_id, form, error), REFUSED
    flash("The channel was added. Have a test sent to it.")
    return redirect(url_for("channels.detail", channel_id=row.id))


@BLUEPRINT.get("/channels/<channel_id>")
def detail(channel_id: str) -> str:
    """A channel: what it is told of, and what was told to it."""
    return _page(channel_id)


def _page(
    channel_id: str, form: ChannelForm | None = None, error: InvalidInputError | None = None
) -> str:
    with transaction() as session:
        channel = channels.get(session, channel_id)
        return render_template(
            "channels/detail.html",
            channel=channel,
            suite=suites.get(session, channel.suite_id),
            page=notifications.log(
                session, channel.id, cursor=argument("cursor") or None, limit=SHOWN
            ),
            form=form or _present(channel),
            refused=error,
            rules=RULES,
            digests=DIGESTS,
        )


def _present(channel: Channel) -> ChannelForm:
    return ChannelForm(
        name=channel.name,
        service=channel.service,
        rules=tuple(channel.rules),
        digest_hours=channel.digest_hours,
    )


@BLUEPRINT.post("/channels/<channel_id>")
def save(channel_id: str) -> ResponseReturnValue:
    """Change what a channel is told of, and where it leads if another address is typed."""
    form = _sent()
    try:
        with transaction() as session:
            channels.change(
                session,
                channel_id,
                name=form.name,
                rules=form.rules,
                digest_hours=form.digest_hours,
                place=form.address,
                secret=field(f"secret_{form.service}"),
                settings=settings(),
            )
    except InvalidInputError as error:
        return _page(channel_id, form, error), REFUSED
    flash("The channel was saved.")
    return redirect(url_for("channels.detail", channel_id=channel_id))


@BLUEPRINT.post("/channels/<channel_id>/remove")
def remove(channel_id: str) -> Response:
    """Remove a channel and its log."""
    with transaction() as session:
        suite_id = channels.get(session, channel_id).suite_id
        channels.remove(session, channel_id)
    return redirect(url_for("channels.index", suite_id=suite_id))


@BLUEPRINT.post("/channels/<channel_id>/tests")
def test(channel_id: str) -> Response:
    """Have a test sent; the log shows what becomes of it."""
    try:
        with transaction() as session:
            notifications.test(session, channel_id)
    except ConflictError as error:
        flash(error.detail, "error")
    return redirect(url_for("channels.detail", channel_id=channel_id))


@BLUEPRINT.get("/channels/<channel_id>/log")
def log(channel_id: str) -> str:
    """The newest of the log."""
    with transaction() as session:
        page = notifications.log(session, channel_id, limit=SHOWN)
        return render_template("channels/_log.html", page=page, channel_id=channel_id)


@BLUEPRINT.post("/notifications/<notification_id>/again")
def again(notification_id: str) -> Response:
    """Send a message that was given up once more."""
    with transaction() as session:
        channel_id = notifications.again(session, notification_id).channel_id
    return redirect(url_for("channels.detail", channel_id=channel_id))


@BLUEPRINT.post("/suites/<suite_id>/follow")
def follow(suite_id: str) -> Response:
    """Have one's bell ring for a suite, or no more."""
    with transaction() as session:
        suite = suites.get(session, suite_id)
        change = followers.follow if field("follow") == "yes" else followers.unfollow
        change(session, suite.id, current_user.id)
    return redirect(url_for("channels.index", suite_id=suite_id))

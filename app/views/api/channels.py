"""REST: channels, what was told to them, and the news of suites that one follows."""

from __future__ import annotations

from http import HTTPStatus

from flask import Response
from flask_openapi3.blueprint import APIBlueprint

from app.services import channels, followers, news, notifications, suites
from app.views import auth
from app.views.api import answers, channel_shapes, shapes
from app.views.api.documentation import SECURITY, errors, tag
from app.views.database import settings, transaction

blueprint = APIBlueprint(
    "api_channels",
    __name__,
    url_prefix="/api/v1",
    abp_tags=[tag("Notifications")],
    abp_security=SECURITY,
    abp_responses=errors(401, 422),
)


@blueprint.post(
    "/suites/<id>/channels",
    summary="Add a channel to a suite",
    responses={201: channel_shapes.MadeChannel, **errors(400, 404, 409, 415)},
)
def add(path: shapes.ItemPath, body: channel_shapes.NewChannel) -> Response:
    """The answer shows what a webhook's messages are signed with, this once."""
    with transaction() as session:
        row = channels.add(
            session,
            path.id,
            name=body.name,
            service=body.service,
            place=body.address,
            secret=body.secret,
            rules=body.rules,
            digest_hours=body.digest_hours,
            settings=settings(),
        )
        secret = channels.secret_of(row, settings())
    shape = channel_shapes.MadeChannel(
        **channel_shapes.Channel.model_validate(row).model_dump(), secret=secret
    )
    return answers.created(shape, "api_channels.get", row.id)


@blueprint.get(
    "/suites/<id>/channels",
    summary="List the channels of a suite",
    responses={200: shapes.PageOf[channel_shapes.Channel], **errors(404)},
)
def list_all(path: shapes.ItemPath) -> Response:
    """In the order they were added; all of them, there are few."""
    with transaction() as session:
        found = channels.list(session, suites.get(session, path.id).id)
    items = [channel_shapes.Channel.model_validate(row) for row in found]
    return answers.one(shapes.PageOf[channel_shapes.Channel](items=items, next_cursor=None))


@blueprint.get(
    "/channels/<id>",
    summary="Get a channel",
    responses={200: channel_shapes.Channel, **errors(404)},
)
def get(path: shapes.ItemPath) -> Response:
    """One channel, without its secrets."""
    with transaction() as session:
        row = channels.get(session, path.id)
    return answers.one(channel_shapes.Channel.model_validate(row))


@blueprint.put(
    "/channels/<id>",
    summary="Change a channel",
    responses={200: channel_shapes.Channel, **errors(400, 404, 415)},
)
def change(path: shapes.ItemPath, body: channel_shapes.ChangedChannel) -> Response:
    """Its service stays; its address and secret where none are given."""
    with transaction() as session:
        row = channels.change(
            session,
            path.id,
            name=body.name,
            rules=body.rules,
            digest_hours=body.digest_hours,
            place=body.address,
            secret=body.secret,
            settings=settings(),
        )
    return answers.one(channel_shapes.Channel.model_validate(row))


@blueprint.delete(
    "/channels/<id>",
    summary="Remove a channel",
    responses={204: {"description": "It is gone."}, **errors(404)},
)
def remove(path: shapes.ItemPath) -> Response:
    """With the log of what was told to it."""
    with transaction() as session:
        channels.remove(session, path.id)
    return Response(status=HTTPStatus.NO_CONTENT)


@blueprint.post(
    "/channels/<id>/tests",
    summary="Test a channel",
    responses={202: channel_shapes.Notification, **errors(404, 409)},
)
def test(path: shapes.ItemPath) -> Response:
    """Have a message sent that only shows that the channel works."""
    with transaction() as session:
        row = notifications.test(session, path.id)
        session.refresh(row)
    shape = channel_shapes.Notification.model_validate(row)
    return answers.accepted(shape, "api_channels.get_notification", row.id)


@blueprint.get(
    "/channels/<id>/notifications",
    summary="List what was told to a channel",
    responses={200: shapes.PageOf[channel_shapes.Notification], **errors(404)},
)
def log(path: shapes.ItemPath, query: shapes.PageQuery) -> Response:
    """Newest first, each with its attempts."""
    with transaction() as session:
        found = notifications.log(session, path.id, cursor=query.cursor, limit=query.limit)
    return answers.page(channel_shapes.Notification, found)


@blueprint.get(
    "/notifications/<id>",
    summary="Get a message",
    responses={200: channel_shapes.Notification, **errors(404)},
)
def get_notification(path: shapes.ItemPath) -> Response:
    """One message with its attempts."""
    with transaction() as session:
        row = notifications.get(session, path.id)
    return answers.one(channel_shapes.Notification.model_validate(row))


@blueprint.post(
    "/notifications/<id>/again",
    summary="Send a message that was given up once more",
    responses={202: channel_shapes.Notification, **errors(404, 409)},
)
def again(path: shapes.ItemPath) -> Response:
    """Where what was wrong has been mended."""
    with transaction() as session:
        row = notifications.again(session, path.id)
        session.refresh(row)
    shape = channel_shapes.Notification.model_validate(row)
    return answers.accepted(shape, "api_channels.get_notification", row.id)


@blueprint.put(
    "/suites/<id>/followers/me",
    summary="Follow a suite",
    responses={204: {"description": "Its news is yours."}, **errors(404)},
)
def follow(path: shapes.ItemPath) -> Response:
    """Who makes a suite follows it."""
    with transaction() as session:
        followers.follow(session, suites.get(session, path.id).id, auth.api_user_id())
    return Response(status=HTTPStatus.NO_CONTENT)


@blueprint.delete(
    "/suites/<id>/followers/me",
    summary="Follow a suite no more",
    responses={204: {"description": "Its news is not yours."}, **errors(404)},
)
def unfollow(path: shapes.ItemPath) -> Response:
    """Also where one did not."""
    with transaction() as session:
        followers.unfollow(session, suites.get(session, path.id).id, auth.api_user_id())
    return Response(status=HTTPStatus.NO_CONTENT)


@blueprint.get(
    "/news",
    summary="List the news of the suites that you follow",
    responses={200: shapes.PageOf[channel_shapes.News]},
)
def list_news(query: shapes.PageQuery) -> Response:
    """Newest first."""
    with transaction() as session:
        found = news.list(session, auth.api_user_id(), cursor=query.cursor, limit=query.limit)
    return answers.page(channel_shapes.News, found)

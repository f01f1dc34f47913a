"""Makes a report fit into a message: a check may have made any number of requests."""

from __future__ import annotations

from dataclasses import replace

from app.domain.results import CaseFinished, CheckFinished, Event, Exchange, Message, Rerun
from app.messages.codec import encode
from app.messages.events import Envelope, Reported

#: Half of what the topic takes.
MOST_BYTES = 1024**2

#: What is left of a text that has to be cut, in characters; JSON may need six bytes for one.
MOST_TEXT = 20_000

CUT = "\n[cut: the report was too large]"


def fit(envelope: Envelope, reported: Reported) -> Envelope:
    """The envelope, or one with as much of the report as fits: bodies of exchanges go first."""
    for smaller in (_without_bodies, _without_exchanges):
        if len(envelope.body) <= MOST_BYTES:
            break
        body = encode(replace(reported, event=smaller(reported.event)))
        envelope = replace(envelope, body=body)
    return envelope


def _without_bodies(event: Event) -> Event:
    if not isinstance(event, CheckFinished):
        return event
    reruns = tuple(
        replace(rerun, exchanges=tuple(_bare(exchange) for exchange in rerun.exchanges))
        for rerun in event.reruns
    )
    exchanges = tuple(_bare(exchange) for exchange in event.exchanges)
    return replace(event, exchanges=exchanges, reruns=reruns)


def _bare(exchange: Exchange) -> Exchange:
    response = exchange.response
    return replace(
        exchange,
        request=_emptied(exchange.request),
        response=None if response is None else _emptied(response),
    )


def _emptied(message: Message) -> Message:
    return replace(message, body="", truncated=True) if message.body else message


def _without_exchanges(event: Event) -> Event:
    if isinstance(event, CaseFinished):
        strength = event.strength and replace(event.strength, checks=())
        return replace(event, message=_cut(event.message), strength=strength)
    if not isinstance(event, CheckFinished):
        return event
    return replace(
        event,
        exchanges=(),
        message=_cut(event.message),
        traceback=_cut(event.traceback),
        output=_cut(event.output + CUT),
        intent=_cut(event.intent),
        reruns=tuple(_short(rerun) for rerun in event.reruns),
    )


def _short(rerun: Rerun) -> Rerun:
    return Rerun(rerun.outcome, _cut(rerun.message), duration_seconds=rerun.duration_seconds)


def _cut(text: str) -> str:
    return text if len(text) <= MOST_TEXT else text[: MOST_TEXT - len(CUT)] + CUT

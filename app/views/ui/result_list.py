"""The results of a run as its page lists them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.domain.outcomes import Outcome
from app.models.result import Result
from app.models.run import Run
from app.services import browsing, runs
from app.services.analytics import verdicts
from app.services.analytics.verdicts import Judged
from app.services.paging import Page
from app.views.ui.requests import argument

#: Results in one piece of the list; each is one line.
LIMIT = 100


@dataclass(frozen=True, slots=True)
class ResultList:
    """A piece of the list, and what was asked for."""

    run: Run
    page: Page[Result]
    #: Since when a check has been red that was red before this run, by operation and check.
    since: Mapping[tuple[str, str], dt.datetime]
    #: Why results are red, by their id.
    judged: Mapping[str, Judged]
    #: What cases created and could not be deleted after them.
    left_behind: Sequence[browsing.LeftBehind]
    outcome: str
    q: str
    cursor: str


def read(session: Session, run_id: str) -> ResultList:
    """The results of a run that the request asks for: `outcome`, `q`, `cursor`.

    Raises NotFoundError, and InvalidInputError for an outcome or a cursor that there is not.
    """
    run = runs.get(session, run_id)
    outcome, q, cursor = argument("outcome"), argument("q"), argument("cursor")
    page = browsing.result_lines(
        session, run.id, outcome=outcome or None, q=q, cursor=cursor or None, limit=LIMIT
    )
    since = browsing.failing_since(session, run, page.items)
    judged = verdicts.of_results(session, [each.id for each in page.items if _is_red(each)])
    left_behind = () if cursor else browsing.left_behind(session, run.id)
    return ResultList(run, page, since, judged, left_behind, outcome, q, cursor)


def _is_red(result: Result) -> bool:
    return Outcome(result.outcome).is_red

"""The pages: server-rendered HTML, refreshed in parts by htmx. One blueprint for a page family."""

from app.views import auth
from app.views.ui import (
    alerts,
    analytics,
    cases,
    channels,
    dead_letters,
    descriptions,
    generations,
    home,
    merges,
    notices,
    parts,
    runs,
    sign_in,
    suites,
    system,
)

#: Only who is signed in sees these.
CLOSED = (
    home.BLUEPRINT,
    descriptions.BLUEPRINT,
    suites.BLUEPRINT,
    cases.BLUEPRINT,
    generations.BLUEPRINT,
    merges.BLUEPRINT,
    runs.BLUEPRINT,
    analytics.BLUEPRINT,
    alerts.BLUEPRINT,
    notices.BLUEPRINT,
    channels.BLUEPRINT,
    system.BLUEPRINT,
    dead_letters.BLUEPRINT,
)
#: Of those, only administrators these.
ADMINISTRATION = (system.BLUEPRINT, dead_letters.BLUEPRINT)
BLUEPRINTS = (parts.BLUEPRINT, sign_in.BLUEPRINT, *CLOSED)

for _closed in CLOSED:
    _closed.before_request(sign_in.require)
for _administration in ADMINISTRATION:
    _administration.before_request(auth.require_administrator)

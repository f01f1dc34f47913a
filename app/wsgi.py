"""The web process: `gunicorn app.wsgi:application`."""

from __future__ import annotations

import sys

from app import logging, settings
from app.errors import InvalidInputError
from app.factory import create_app

#: Tells gunicorn that a worker can never start, so that it ends instead of trying for ever.
CANNOT_START = 3

try:
    _settings = settings.read(settings.Settings)
except InvalidInputError as error:
    sys.stderr.write(f"{error}\n")
    sys.exit(CANNOT_START)
logging.configure(_settings, process="web")
application = create_app(_settings)

"""The web process: `gunicorn app.wsgi:application`."""

from __future__ import annotations

import sys

from app import logging, settings
from app.errors import InvalidInputError
from app.factory import create_app

try:
    _settings = settings.read(settings.Settings)
except InvalidInputError as error:
    sys.exit(str(error))
logging.configure(_settings, process="web")
application = create_app(_settings)

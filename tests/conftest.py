"""What every test can ask for; the fixtures themselves stand in the modules named here."""

from hypothesis import settings

# How long an example takes says more about the machine's other work than about the code.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")

pytest_plugins = [
    "tests.database_fixtures",
    "tests.kafka_fixtures",
    "tests.web_fixtures",
    "tests.reader_fixtures",
    "tests.browser_fixtures",
]

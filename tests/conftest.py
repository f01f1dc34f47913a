"""What every test can ask for; the fixtures themselves stand in the modules named here."""

pytest_plugins = [
    "tests.database_fixtures",
    "tests.kafka_fixtures",
    "tests.web_fixtures",
    "tests.reader_fixtures",
    "tests.browser_fixtures",
]

"""Fixtures shared by all tests."""

pytest_plugins = [
    "tests.profiles",
    "tests.bounds",
    "tests.order",
    "tests.databases",
    "tests.clickhouse",
    "tests.serving",
    "tests.tally",
]

"""Exchange rates are fetched by schedule, into every workspace, where an address is set."""

import threading
from collections.abc import Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tallystick.bootstrap import settings_from
from tallystick.storage.postgres import PostgresUnitOfWork
from tallystick.worker import Pools, worker_tasks
from tallystick.worker.rates import DueRates
from tests.clock import HandClock
from tests.databases import OTHER_WORKSPACE, WORKSPACE, Database

FILE = b"Date, USD, \n31 December 2025, 1.1172, \n"


class _Bank(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if "2025-12-31" in self.path else 404)
        self.end_headers()
        self.wfile.write(FILE)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def bank() -> Iterator[str]:
    """The address of a server that has the rates of the last day of 2025."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Bank)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def due(database: Database, url: str, told: list[str]) -> DueRates:
    """Return what fetches from an address, at new year."""
    return DueRates(
        url=url,
        units=partial(PostgresUnitOfWork, database.pool),
        runner=database.runner,
        clock=HandClock(),
        say=lambda event, fields: told.append(f"{event} {fields.get('why', '')}".strip()),
    )


def test_rates_are_fetched_into_every_workspace(database: Database, bank: str) -> None:
    """Yesterday's file is imported once into each; a second round finds nothing new."""
    told: list[str] = []
    fetching = due(database, f"{bank}/{{yesterday}}.csv", told)
    assert not fetching.run()
    assert not fetching.run()
    for workspace in (WORKSPACE, OTHER_WORKSPACE):
        with database.unit(workspace) as uow:
            assert uow.rates.sources() == ("ecb",)
    assert told == ["rates imported"] * 2


def test_a_source_that_is_away_is_told_without_its_address(database: Database, bank: str) -> None:
    """An address may hold a secret; what is told is only what went wrong."""
    told: list[str] = []
    assert not due(database, f"{bank}/missing?app_id=secret", told).run()
    assert told == ["rates not fetched HTTPStatusError"]


def test_without_an_address_nothing_is_fetched(database: Database, tmp_path: Path) -> None:
    """The task is there only where TALLYSTICK_RATES_URL is set."""
    pools = Pools(runner=database.runner_pool, app=database.pool)
    for variables, wanted in (({}, False), ({"TALLYSTICK_RATES_URL": "http://x"}, True)):
        settings = settings_from(variables, data=tmp_path)
        tasks = worker_tasks(pools, settings, say=lambda _, __: None, bill=False)
        assert ("fetch rates" in [task.name for task in tasks]) == wanted

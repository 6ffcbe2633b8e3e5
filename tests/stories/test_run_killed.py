"""
A billing run whose processes are killed in the middle of a batch of payers.

The second batch is held at its very end, by the lock of a row that it clears last: its numbers are
taken, its documents and entries written, nothing committed.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from ruamel.yaml import YAML

from tallystick.app.invoicing.running import TOGETHER
from tests.stories.installation import Installation, Story
from tests.waiting import wait_until

PAYERS = 2 * TOGETHER
HELD = f"p{TOGETHER + 7:03}"
"""A payer of the second batch."""
START = (datetime.now(UTC) - timedelta(days=3)).date().isoformat()


def catalog() -> dict[str, Any]:
    """Return a plan with a fee in advance, and a contract of each payer."""
    price = {"key": "base", "model": "flat", "amount": "9.00", "cadence": "advance"}
    plan = {"key": "pro", "version": 1, "name": "Pro", "currency": "EUR", "interval": "month"}
    payers = [f"p{n:03}" for n in range(PAYERS)]
    return {
        "legal_entities": [{"key": "main", "name": "Main", "zone": "UTC", "currency": "EUR"}],
        "plans": [plan | {"alignment": "anniversary", "prices": [price]}],
        "accounts": [
            {"key": key, "name": key, "zone": "UTC", "currency": "EUR", "invoiced": True}
            for key in payers
        ],
        "subscriptions": [
            {"key": f"s-{key}", "account": key, "plan": "pro", "version": 1}
            | {"legal_entity": "main", "start": START}
            for key in payers
        ],
    }


@pytest.fixture
def story(installation: Installation, tmp_path: Path) -> Story:
    """Lend a workspace in which every payer is due one document."""
    story = installation.story("run-killed")
    path = tmp_path / "catalog.yaml"
    with path.open("w") as file:
        YAML(typ="safe", pure=True).dump(catalog(), file)
    story.apply(path)
    return story


@contextmanager
def held(story: Story, intruder: psycopg.Connection) -> Iterator[None]:
    """Keep a payer of the second batch from being done: he counts as parked, and that is locked."""
    row = (story.workspace, HELD, f"s-{HELD}", "test", "held", 0, datetime.now(UTC))
    intruder.execute("INSERT INTO parked_account VALUES (%s, %s, %s, %s, %s, %s, %s)", row)
    with intruder.transaction():
        intruder.execute("SELECT FROM parked_account WHERE account = %s FOR UPDATE", [HELD])
        yield


def is_waited_for(intruder: psycopg.Connection) -> bool:
    """Tell whether a transaction waits for what this one has locked."""
    question = """
    SELECT count(*) FROM pg_locks
    WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))
    """
    return intruder.execute(question).fetchone() != (0,)


def numbers(story: Story) -> list[int]:
    """Return the numbers of the issued documents, ascending."""
    question = """
    SELECT series_number FROM invoice WHERE workspace_id = %s AND number IS NOT NULL ORDER BY 1
    """
    with story.installation.superuser() as reader:
        return [number for (number,) in reader.execute(question, [story.workspace])]


def billed(story: Story) -> httpx.Response:
    """Run billing under the key that a worker would send again."""
    with story.client() as client:
        return client.post("/v1/invoices/run", json={}, headers={"idempotency-key": "this minute"})


def test_a_run_killed_within_a_batch_leaves_no_gap_and_nothing_twice(story: Story) -> None:
    """What was committed stands, what was not is as if never begun; the next run does the rest."""
    with (
        ThreadPoolExecutor(1) as pool,
        story.installation.superuser() as intruder,
        held(story, intruder),
    ):
        run = pool.submit(billed, story)
        wait_until(lambda: is_waited_for(intruder), seconds_max=60, waiting_for="the second batch")
        assert numbers(story) == list(range(1, TOGETHER + 1))
        story.installation.kill()
        with pytest.raises(httpx.TransportError):
            run.result(60)
    story.installation.start()
    assert numbers(story) == list(range(1, TOGETHER + 1))
    answer = billed(story)
    assert answer.status_code == 200, answer.text
    assert len(answer.json()["issued"]) == PAYERS - TOGETHER
    assert answer.json()["parked"] == []
    assert numbers(story) == list(range(1, PAYERS + 1))
    assert billed(story).json() == answer.json()
    assert story.bill(datetime.now(UTC).isoformat()) == []
    stand_once(story)


def stand_once(story: Story) -> None:
    """Hold that each contract has one document, one entry and one announcement of 9.00."""
    question = """
    SELECT count(DISTINCT subscription), count(*), sum(total_minor) FROM invoice
    WHERE workspace_id = %s
    """
    owed = """
    SELECT count(*), sum(minor) FROM journal_posting
    WHERE workspace_id = %s AND account LIKE 'receivable:%%'
    """
    with story.installation.superuser() as reader:
        of = [story.workspace]
        assert reader.execute(question, of).fetchone() == (PAYERS, PAYERS, PAYERS * 900)
        assert reader.execute(owed, of).fetchone() == (PAYERS, PAYERS * 900)
        told = "SELECT count(*) FROM outbox WHERE workspace_id = %s AND topic LIKE '%%issued%%'"
        assert reader.execute(told, of).fetchone() == (PAYERS,)

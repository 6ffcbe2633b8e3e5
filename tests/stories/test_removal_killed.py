"""
Usage is removed while the owner is killed: it is gone in the end, and nothing billed changes.

A whole installation runs under `tallystick up`, bills, and removes what its rule lets go. The owner
is killed while it writes the log anew, and again before ClickHouse has followed. Afterwards a
backup is taken and restored elsewhere, where ClickHouse is made of the log alone.
"""

import threading
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import httpx
import msgspec
import psycopg
import pytest

from tallystick.bootstrap import DataDirectory, LocalAccess
from tallystick.storage.log import blocks_from
from tallystick.storage.postgres import EmbeddedPostgres
from tests import plain_http
from tests.api.test_removal import CATALOG, NOW, asked, compared, month, used
from tests.cli.running import tallystick
from tests.serving import Tenant
from tests.stories.up import Up, logged_events, reachable_folder
from tests.waiting import wait_until

EVENTS = 20_000
BATCH = 2_000
MARK = "of-a-person"

Invoices = Mapping[str, tuple[object, object]]


def live(up: Up) -> Tenant:
    """Return the workspace `live`, with the key of the owner that runs now."""
    access = msgspec.json.decode(up.data.token.read_bytes(), type=LocalAccess)
    return Tenant(url=up.url, workspace="live", token=access.token)


def projected(up: Up, position: int) -> None:
    """Wait until the projection covers a position."""
    up.await_ready()
    wait_until(
        lambda: plain_http.get(f"{up.url}/readyz").json()["projection_position"] >= position,
        seconds_max=300,
        waiting_for="the projection",
    )


def use_and_bill(up: Up) -> int:
    """Send usage of four months ago and of now, bill it, set a rule; return the last position."""
    tenant = live(up)
    tenant.apply(CATALOG)
    old = month(4) + timedelta(days=3)
    for first in range(0, EVENTS, BATCH):
        tenant.send(*(used(f"c{n}", old, data={"who": MARK}) for n in range(first, first + BATCH)))
    last = int(tenant.send(used("now", month(0)))["last_position"])
    projected(up, last)
    assert asked(tenant, "POST", "/v1/invoices/run", json={})["parked"] == []
    asked(tenant, "POST", "/v1/retention/rules", json={"event_type": "*", "days": 40})
    ask_store(up.data, "UPDATE retention_rule SET set_at = set_at - interval '1 day'")
    return last


def ask_store(data: DataDirectory, statement: str) -> list[tuple[Any, ...]]:
    """Run a statement in the PostgreSQL of a data directory, to which no policy applies."""
    address = EmbeddedPostgres(data.postgres).uri("postgres")
    with psycopg.connect(address) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []


def kill_owner_when(up: Up, reached: Callable[[], bool], waiting_for: str) -> None:
    """Kill the owner at once when something is so."""
    wait_until(
        lambda: reached() and up.find("owner") is not None,
        seconds_max=300,
        waiting_for=waiting_for,
    )
    owner = up.find("owner")
    assert owner is not None
    owner.kill()


def rewritten(data: DataDirectory) -> bool:
    """Return whether any segment was put in the place of an older one."""
    return any(b'"replaced":["' in each.read_bytes() for each in data.segments.glob("*.sealed"))


def remove(tenant: Tenant) -> None:
    """Ask for the removal; the owner does not live to answer."""
    with pytest.raises(httpx.TransportError), tenant.client() as client:
        client.post("/v1/retention/removals", timeout=120)


def verified(up: Up) -> Invoices:
    """Return what each invoice says and rests on; each must come out equal."""
    tenant = live(up)
    found = {}
    for invoice in asked(tenant, "GET", "/v1/invoices")["items"]:
        said = asked(tenant, "POST", f"/v1/invoices/{invoice['id']}/verify")
        assert said["equal"], said
        found[invoice["id"]] = (said["digest"], said["total"])
    return found


def check_removed(up: Up, before: Invoices) -> None:
    """Bills stand, nothing is due, the log and all made of it agree, nothing counts again."""
    tenant = live(up)
    assert verified(up) == before
    assert asked(tenant, "POST", "/v1/invoices/run", json={})["issued"] == []
    begun = asked(tenant, "POST", "/v1/reconciliations", json={"repair": False})
    ended = compared(tenant, begun["id"])
    assert (ended["state"], ended["report"]["found"]) == ("done", 0), str(ended)[:2000]
    assert [event.id for event in logged_events(up.data, "call")] == ["now"]
    texts = (text for block in blocks_from(up.data.segments, 1) for text in block.batch["data"])
    assert not any(MARK in text.as_py() for text in texts)
    again = tenant.send(used("c7", NOW), used("now", month(0)))
    assert (again["conflict"], again["duplicate"]) == (1, 1)


@pytest.mark.nightly
def test_a_removal_survives_kills_and_a_backup() -> None:
    """However often it is broken off, usage is gone in the end, and everything billed stands."""
    up = Up(reachable_folder())
    try:
        up.await_ready()
        last = use_and_bill(up)
        before = verified(up)
        removing = threading.Thread(target=remove, args=[live(up)])
        removing.start()
        kill_owner_when(
            up, lambda: any(up.data.segments.glob("*.new")), "the log to be written anew"
        )
        removing.join(60)
        kill_owner_when(up, lambda: rewritten(up.data), "the log to be changed")
        unfinished = "SELECT 1 FROM retention_removal WHERE finished_at IS NULL"
        wait_until(
            lambda: not ask_store(up.data, unfinished),
            seconds_max=120,
            waiting_for="what was broken off",
        )
        assert ask_store(up.data, "SELECT count(*) FROM retention_removal") == [(1,)]
        projected(up, last)
        check_removed(up, before)
        backup = up.data.root.parent / "backup"
        taken = tallystick("backup", backup, "--data", up.data.root)
        assert taken.code == 0, taken.err
    finally:
        up.stop()
    restored = reachable_folder()
    laid = tallystick("restore", backup, "--to", restored / "data")
    assert laid.code == 0, laid.err
    other = Up(restored / "data")
    try:
        projected(other, last)
        check_removed(other, before)
    finally:
        other.stop()

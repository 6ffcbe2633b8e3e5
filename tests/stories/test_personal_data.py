"""
Personal data in a whole installation: kept through kills, erased, and nothing else changes.

The owner is killed while people use a service; whatever it acknowledged can be read afterwards.
Then one of them is erased: no file of the log and no row of PostgreSQL holds the text, and usage,
invoices and proofs are what they were, after a restart, after the projection was loaded anew, and
after a backup was restored elsewhere.
"""

import threading
from pathlib import Path
from typing import Any

import httpx
import pytest

from tallystick.invoicing import verify_bundle
from tallystick.kernel import Done
from tallystick.storage.log import blocks_from
from tests.api.test_personal_data import CATALOG, JANE, call
from tests.api.test_removal import asked, compared, month
from tests.cli.running import tallystick
from tests.serving import Tenant
from tests.stories.test_removal_killed import ask_store, live, projected, verified
from tests.stories.up import Up, reachable_folder
from tests.waiting import wait_until

EVENTS = 600
BATCH = 20


def event(number: int) -> dict[str, object]:
    """Return the call of a person who calls once; Jane is the first."""
    return call(f"e{number}", JANE if number == 0 else f"person-{number}@example.com")


def send_until_killed(tenant: Tenant, acknowledged: list[int]) -> None:
    """Send batches, and note which were answered, until nobody answers."""
    for first in range(0, EVENTS, BATCH):
        numbers = range(first, first + BATCH)
        try:
            tenant.send(*map(event, numbers))
        except httpx.TransportError:
            return
        acknowledged += numbers


def email(tenant: Tenant, number: int) -> tuple[str, list[str]]:
    """Return what is read at the personal path of an event, and what says erased."""
    (item,) = asked(tenant, "GET", f"/v1/events/e{number}/trace")["items"]
    return item["event"]["data"]["user"]["email"], item["event"]["erased"]


def use_and_kill(up: Up) -> int:
    """Send everything, with a kill on the way, and again; return the last position."""
    live(up).apply(CATALOG)
    acknowledged: list[int] = []
    sending = threading.Thread(target=send_until_killed, args=[live(up), acknowledged])
    sending.start()
    wait_until(lambda: len(acknowledged) >= EVENTS // 4, seconds_max=60, waiting_for="some answers")
    owner = up.find("owner")
    assert owner is not None
    owner.kill()
    sending.join(60)
    up.await_ready()
    wait_until(lambda: up.find("owner") not in {None, owner}, seconds_max=60, waiting_for="owner")
    up.await_ready()
    reports = [
        live(up).send(*map(event, range(first, first + BATCH))) for first in range(0, EVENTS, BATCH)
    ]
    assert sum(each["conflict"] for each in reports) == 0
    assert sum(each["duplicate"] for each in reports) >= len(acknowledged)
    last = max(int(each["last_position"]) for each in reports)
    projected(up, last)
    for number in (0, acknowledged[-1], EVENTS - 1):
        assert email(live(up), number) == (str(_email(number)), [])
    return last


def _email(number: int) -> object:
    data: Any = event(number)["data"]
    return data["user"]["email"]


def quantities(up: Up) -> list[str]:
    """Return how many people and calls there were."""
    span = {"start": month(2).isoformat(), "end": month(1).isoformat()}
    return [
        asked(live(up), "GET", "/v1/usage", params={"meter": meter, **span})["items"][0]["quantity"]
        for meter in ("people", "calls")
    ]


def sealed(up: Up) -> bool:
    """Return whether no audit record waits for its place in the chain."""
    return bool(asked(live(up), "GET", "/v1/audit/verify")["waiting"] == 0)


def proofs(up: Up) -> list[bytes]:
    """Return the proof of each invoice."""
    tenant = live(up)
    found = asked(tenant, "GET", "/v1/invoices")["items"]
    return [tenant.ask("GET", f"/v1/invoices/{each['id']}/proof").content for each in found]


def check_erased(up: Up, before: Any, bundles: list[bytes]) -> None:  # noqa: ANN401 - see `verified`
    """Everything is as it was, and the text is nowhere in the log."""
    tenant = live(up)
    assert quantities(up) == [str(EVENTS), str(EVENTS)]
    assert verified(up) == before
    assert proofs(up) == bundles
    assert asked(tenant, "POST", "/v1/invoices/run", json={})["issued"] == []
    begun = asked(tenant, "POST", "/v1/reconciliations", json={"repair": False})
    ended = compared(tenant, begun["id"])
    assert (ended["state"], ended["report"]["found"]) == ("done", 0), str(ended)[:2000]
    assert email(tenant, 0)[1] == ["user.email"]
    assert email(tenant, 1) == ("person-1@example.com", [])
    texts = (text for block in blocks_from(up.data.segments, 1) for text in block.batch["data"])
    assert not any("example.com" in text.as_py() for text in texts)
    assert tenant.send(event(0))["duplicate"] == 1


@pytest.mark.nightly
def test_personal_data_is_kept_through_kills_and_erased_for_good(tmp_path: Path) -> None:
    """What was acknowledged is readable; what was erased is gone, and nothing else changes."""
    up = Up(reachable_folder())
    try:
        up.await_ready()
        last = use_and_kill(up)
        assert asked(live(up), "POST", "/v1/invoices/run", json={})["parked"] == []
        # A proof holds the place of the issue in the audit's chain, which is given within a second.
        wait_until(lambda: sealed(up), seconds_max=60, waiting_for="the audit to be sealed")
        before, bundles = verified(up), proofs(up)
        whose = ("--value", JANE, "--reason", "request 7", "--data", up.data.root)
        shown = tallystick("personal-data", "erase", *whose)
        assert (shown.code, "--yes" in shown.err) == (0, True), shown.err
        gone = tallystick("personal-data", "erase", *whose, "--yes")
        assert gone.code == 0, gone.err
        assert ask_store(up.data, "SELECT 1 FROM personal_value WHERE content ~ 'jane'") == []
        check_erased(up, before, bundles)
        up.stop()
        rebuilt = tallystick("rebuild", "--data", up.data.root)
        assert rebuilt.code == 0, rebuilt.err
        up.start()
        projected(up, last)
        check_erased(up, before, bundles)
        backup = tmp_path / "backup"
        taken = tallystick("backup", backup, "--data", up.data.root)
        assert taken.code == 0, taken.err
    finally:
        up.stop()
    assert all(isinstance(verify_bundle(bundle), Done) for bundle in bundles)
    assert bundles
    restored = reachable_folder()
    laid = tallystick("restore", backup, "--to", restored / "data")
    assert laid.code == 0, laid.err
    other = Up(restored / "data")
    try:
        projected(other, last)
        check_erased(other, before, bundles)
    finally:
        other.stop()

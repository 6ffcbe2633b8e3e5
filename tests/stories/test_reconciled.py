"""A month whose projection was tampered with: found by `reconcile`, repaired from the log."""

import subprocess
import sys
from decimal import Decimal
from typing import Any

from tests.stories.hosting import FEBRUARY
from tests.stories.installation import Story
from tests.waiting import wait_until

Month = tuple[Story, list[dict[str, Any]]]
JANUARY = ("--start", "2026-01-01T00:00:00Z", "--end", FEBRUARY)
_DAMAGE = """
import sys
from tallystick.storage.clickhouse import ClickHouse
from tallystick.storage.clickhouse.schema import INSERT_TARGET
clickhouse = ClickHouse(sys.argv[1])
first = clickhouse.read_as_writer(
    f"SELECT min(position) FROM {INSERT_TARGET} WHERE workspace = '{sys.argv[2]}' "
    f"AND type = '{sys.argv[3]}'"
)[0][0]
clickhouse.remove(INSERT_TARGET, f"position = {first}", {})
clickhouse.close()
print(first)
"""


def _lose_an_event(story: Story, event_type: str) -> int:
    """Stop everything, take a row out of ClickHouse, and start again."""
    data = story.installation.data
    story.installation.stop()
    address = f"chdb://{data.clickhouse}"
    command = [sys.executable, "-c", _DAMAGE, address, story.workspace, event_type]
    lost = subprocess.run(command, check=True, capture_output=True, text=True)
    story.installation.start()
    return int(lost.stdout.splitlines()[-1])


def test_what_was_lost_is_found_and_loaded_again(january: Month) -> None:
    """The list says what log and projection say; after the repair nothing differs, in any copy."""
    story, documents = january
    of_mine = ("--workspace", story.workspace)
    clean = story.answer("reconcile", *of_mine)
    assert (clean["found"], clean["invoices"], clean["lag_events"]) == (0, len(documents), 0)

    before = story.answer("usage", "sent", *JANUARY)["items"]
    lost = _lose_an_event(story, "http.request")

    ran = story.run("reconcile", *of_mine, "--json")
    assert ran.code == 1, ran.err
    told = ran.document["differences"]
    rows = next(one for one in told if one["store"] == "events" and not one["meter"])
    assert (rows["missing"], rows["positions"], rows["about"]) == (1, [lost], "http.request")
    assert int(rows["logged"]) - int(rows["held"]) == 1
    sent = next(one for one in told if one["meter"] == "sent")
    assert Decimal(sent["logged"]) > Decimal(sent["held"])
    # Invoices are not made again from what is not to be trusted.
    assert ran.document["invoices"] == 0
    assert story.run("invoice", "run", "--through", FEBRUARY).code != 0

    repaired = story.run("reconcile", *of_mine, "--repair", "--json")
    assert repaired.code == 0, repaired.out
    assert repaired.document["reloaded"] == 1
    assert story.answer("usage", "sent", *JANUARY)["items"] == before
    clean = story.answer("reconcile", *of_mine)
    assert (clean["found"], clean["invoices"]) == (0, len(documents))
    assert story.answer("invoice", "run", "--through", FEBRUARY)["parked"] == []


def test_an_issued_invoice_that_differs_is_a_defect(january: Month) -> None:
    """It is told with its number and left as it is; nothing can repair it."""
    story, documents = january
    changed = documents[1]
    where = [story.workspace, changed["id"]]
    with story.installation.superuser() as connection:
        connection.execute(
            "UPDATE invoice SET digest = 'sha256:0' || digest WHERE workspace_id = %s AND id = %s",
            where,
        )
        ran = story.run("reconcile", "--workspace", story.workspace, "--repair", "--json")
        connection.execute(
            "UPDATE invoice SET digest = substr(digest, 9) WHERE workspace_id = %s AND id = %s",
            where,
        )
    assert ran.code == 1
    (told,) = ran.document["differences"]
    assert (told["store"], told["about"], told["repairable"], told["repaired"]) == (
        "invoices",
        changed["number"],
        False,
        False,
    )
    assert story.answer("reconcile", "--workspace", story.workspace)["found"] == 0


def test_runs_are_kept_and_a_repair_is_audited(january: Month) -> None:
    """What a run found is a fact of the workspace; only the repair is a command."""
    story, _ = january
    assert story.run("reconcile", "--workspace", story.workspace, "--repair").code == 0
    latest = story.get("/v1/reconciliations").json()["items"][0]
    assert (latest["asked_by"], latest["repair"], latest["found"]) == ("key:local", True, 0)

    def sealed() -> bool:
        audit = story.answer("verify", "audit")
        return bool(audit["sealed"]) and not audit["waiting"]

    wait_until(sealed, seconds_max=30, waiting_for="the sealer")
    with story.installation.superuser() as connection:
        audited = connection.execute(
            "SELECT command, details->>'left' FROM audit WHERE workspace_id = %s"
            " AND command = 'RepairProjection' ORDER BY id DESC LIMIT 1",
            [story.workspace],
        ).fetchone()
    assert audited == ("RepairProjection", "0")


def test_a_key_compares_its_own_workspace_alone(january: Month) -> None:
    """All workspaces are the business of whoever holds the data directory."""
    story, _ = january
    made = story.post("/v1/keys", {"label": "test", "scopes": ["admin"]}).json()
    refused = story.post("/v1/reconciliations", {"workspace": "other"}, key=made["token"])
    assert refused.status_code == 403
    begun = story.post("/v1/reconciliations", {}, key=made["token"])
    assert begun.status_code == 202, begun.text
    path = f"/v1/reconciliations/{begun.json()['id']}"
    wait_until(
        lambda: story.get(path, key=made["token"]).json()["state"] == "done",
        seconds_max=60,
        waiting_for="the run",
    )
    reader = story.post("/v1/keys", {"label": "reader", "scopes": ["read"]}).json()
    assert story.get(path, key=reader["token"]).status_code == 403


def test_no_key_of_a_workspace_repairs(january: Month) -> None:
    """The projection is shared: an admin key is told to ask the operator, of whatever workspace."""
    story, _ = january
    before = story.get("/v1/reconciliations").json()["items"]
    for each in (story, story.installation.story("neighbour")):
        made = each.post("/v1/keys", {"label": "test", "scopes": ["admin"]}).json()
        for order in ({"repair": True}, {"repair": True, "workspace": each.workspace}):
            refused = story.post("/v1/reconciliations", order, key=made["token"])
            assert refused.status_code == 403, refused.text
            assert "operator" in refused.text
    assert story.get("/v1/reconciliations").json()["items"] == before


def test_metrics_tell_of_runs(january: Month) -> None:
    """The series are there from the first scrape, whether a run was made or not."""
    story, _ = january
    text = story.get("/metrics").text
    for name in ("differences", "finished_timestamp_seconds", "seconds"):
        assert f"\ntallystick_reconcile_{name} " in text

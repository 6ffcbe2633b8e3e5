"""Usage and billing leave as folders: whole or not at all, with digests, the same each time."""

import csv
import hashlib
import json
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tallystick.cli.exits import Refusal
from tallystick.cli.exporting.folder import MANIFEST, SUMS, new_folder
from tallystick.invoicing import Invoice, Section, invoice_from_document
from tallystick.kernel import AccountKey, Done
from tallystick.reports import RevenueSum
from tests.api.test_notes import issued, post
from tests.cli.test_export import called
from tests.serving import Tenant
from tests.waiting import wait_until

SPAN = ("--start", "2026-01-01T00:00:00Z", "--end", "2026-01-04T00:00:00Z")


def rows(path: Path) -> list[dict[str, str]]:
    """Return a file of CSV."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def digests(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield the files of a folder with their digests, which must be the ones it tells."""
    told = (folder / SUMS).read_text().splitlines()
    for line in told:
        digest, _, name = line.partition("  ")
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest
        yield name, digest
    manifest = json.loads((folder / MANIFEST).read_bytes())
    assert manifest["files"] == len(told)
    assert manifest["sha256"] == hashlib.sha256((folder / SUMS).read_bytes()).hexdigest()
    here = {str(one.relative_to(folder)) for one in folder.rglob("*") if one.is_file()}
    assert len(here) == len(told) + 2


def break_off(target: Path) -> None:
    """Begin a folder in the place of another, and do not come to its end."""
    with new_folder(target, kind="one", of={}, replace=True) as folder:
        folder.put("a", b"second")
        raise KeyboardInterrupt


def test_billing_records_are_what_was_issued_and_paid(tenant: Tenant, tmp_path: Path) -> None:
    """Documents byte for byte, each payment, revenue as their sum; again the same bytes."""
    invoice, folder = issued(tenant), tmp_path / "billing-records"
    order = {"kind": "goodwill", "reason": "outage", "amount": "11.00"}
    note = post(tenant, f"/v1/invoices/{invoice}/credit", order, key="c1")
    paid = {"account": note["account"], "amount": "5.00", "currency": note["currency"],
            "reference": "=1+1"}  # fmt: skip
    payment = post(tenant, "/v1/payments", paid)

    assert called(tenant, "export", "billing-records", str(folder)) == 0
    first = list(digests(folder))
    listed = {one["id"]: one for one in rows(folder / "invoices.csv")}
    assert set(listed) == {invoice, note["id"]}
    for id, one in listed.items():
        assert (folder / one["file"]).read_bytes() == tenant.ask(
            "GET", f"/v1/invoices/{id}"
        ).content
    (line,) = (folder / "payments.ndjson").read_text().splitlines()
    assert json.loads(line)["id"] == payment["id"]
    (earned,) = rows(folder / "revenue-per-tenant.csv")
    assert (earned["tenant"], earned["documents"]) == (note["account"], "2")
    assert (earned["invoiced_net"], earned["credited_net"]) == ("110.00", "-11.00")
    assert (earned["net"], earned["tax"], earned["total"]) == ("99.00", "0.00", "99.00")

    assert called(tenant, "export", "billing-records", str(folder)) == 1
    assert called(tenant, "export", "billing-records", str(folder), "--replace") == 0
    assert list(digests(folder)) == first
    assert called(tenant, "export", "usage-history", str(folder), *SPAN, "--replace") == 1
    assert list(digests(folder)) == first
    only = tmp_path / "nobody"
    assert called(tenant, "export", "billing-records", str(only), "--account", "nobody") == 0
    assert rows(only / "invoices.csv") == []


def test_usage_history_tells_each_account_by_day(tenant: Tenant, tmp_path: Path) -> None:
    """What two accounts used on their days, without what is outside; names never collide."""
    accounts = [
        {"key": key, "name": key, "zone": "UTC", "currency": "EUR"} for key in ("acme", "Acme")
    ]
    meter = {"key": "calls", "event_type": "call", "aggregation": "count", "unit": "call"}
    tenant.apply({"accounts": accounts, "meters": [meter], "units": []})
    days = (("acme", "01-01"), ("acme", "01-03"), ("Acme", "01-03"), ("acme", "01-04"))
    tenant.send(
        *(
            {"id": f"e{number}", "subject": account, "time": f"2026-{day}T12:00:00Z"}
            for number, (account, day) in enumerate(days)
        )
    )
    asked = {"meter": "calls", "start": "2026-01-01T00:00:00Z", "end": "2026-02-01T00:00:00Z"}

    def counted() -> bool:
        found = tenant.ask("GET", "/v1/usage", params=asked).json()["items"]
        return [one["quantity"] for one in found] == ["4"]

    wait_until(counted, waiting_for="four calls", seconds_max=30)
    folder = tmp_path / "usage-history"
    assert called(tenant, "export", "usage-history", str(folder), *SPAN) == 0
    list(digests(folder))
    told = {
        path.name: [(one["window_start"][:10], one["quantity"], one["unit"]) for one in rows(path)]
        for path in sorted((folder / "daily").iterdir())
    }
    assert told == {
        "%41cme.csv": [("2026-01-03", "1", "call")],
        "acme.csv": [("2026-01-01", "1", "call"), ("2026-01-03", "1", "call")],
    }
    assert json.loads((folder / "alert-history.json").read_bytes())["alerts"] == []
    wrong = ("--start", "2026-01-01", "--end", "2026-01-04T00:00:00Z")
    assert called(tenant, "export", "usage-history", str(tmp_path / "other"), *wrong) == 1


def test_what_breaks_off_leaves_nothing(tmp_path: Path) -> None:
    """A folder that failed is not there, the one before it still is; what is foreign stays."""
    target = tmp_path / "records"
    with new_folder(target, kind="one", of={}, replace=False) as folder:
        folder.put("a", b"first")
    with pytest.raises(KeyboardInterrupt):
        break_off(target)
    assert (target / "a").read_bytes() == b"first"
    assert [one.name for one in tmp_path.iterdir()] == ["records"]
    (target / MANIFEST).unlink()
    with (
        pytest.raises(Refusal, match="something else"),
        new_folder(target, kind="one", of={}, replace=True),
    ):
        pass
    assert (target / "a").read_bytes() == b"first"


def test_what_a_killed_export_left_is_cleared_away(tmp_path: Path) -> None:
    """Its part goes, what it was replacing comes back; what a live process writes stays."""
    target = tmp_path / "records"
    with new_folder(target, kind="one", of={}, replace=False) as folder:
        folder.put("a", b"first")
    dead = subprocess.Popen(["true"])
    dead.wait()
    killed, living = tmp_path / f".records.{dead.pid}.part", tmp_path / ".records.1.part"
    for left in (killed, living):
        left.mkdir()
        (left / "a").write_bytes(b"half")
    target.rename(tmp_path / f".records.{dead.pid}.before")
    with pytest.raises(Refusal), new_folder(target, kind="one", of={}, replace=False):
        pass
    assert (target / "a").read_bytes() == b"first"
    assert sorted(one.name for one in tmp_path.iterdir()) == [living.name, "records"]


def test_a_consolidated_document_is_revenue_of_each_of_its_accounts(tenant: Tenant) -> None:
    """Lines belong to the account of their section, not to the payer."""
    content = tenant.ask("GET", f"/v1/invoices/{issued(tenant)}").content
    read = invoice_from_document(content)
    assert isinstance(read, Done)
    invoice: Invoice = read.value
    section = Section(
        account=AccountKey("east"),
        subscription=invoice.subscription,
        period=invoice.period,
        purpose=invoice.purpose,
        revision=invoice.revision,
        basis=invoice.basis,
        lines=len(invoice.lines),
    )
    sums = RevenueSum()
    both = (section, replace(section, account=AccountKey("west")))
    sums.add(replace(invoice, sections=both, lines=invoice.lines * 2))
    assert [(one.tenant, one.documents, one.net) for one in sums.rows()] == [
        ("east", 1, invoice.net),
        ("west", 1, invoice.net),
    ]

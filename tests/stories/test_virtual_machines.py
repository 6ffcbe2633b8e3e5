"""Thirty days of 50 virtual machines: imported, billed for two months, verified, proven."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import httpx
import pyarrow.parquet as pq
import pytest

import tallystick
from tests.metering.real_data import data_file
from tests.profiles import PROFILE
from tests.stories.catalog_file import contract, customer, monthly, write_catalog
from tests.stories.installation import Installation, Story, run_command

pytestmark = pytest.mark.shared

MAPPING = Path(tallystick.__file__).parent / "samples" / "mappings" / "vm-levels.yaml"
START, SEPTEMBER, END = "2013-08-01T00:00:00Z", "2013-09-01T00:00:00Z", "2013-10-01T00:00:00Z"
SAMPLES = 276_979
MACHINES = 50
VM_TIERS = (("500", "0.02"), (None, "0.015"))
CORE_TIERS = (("1000", "0.011"), ("4000", "0.0105"), (None, "0.009"))
PROVEN_EACH = 1 if PROFILE == "nightly" else 7
"""Of how many invoices one is verified and proven: each reads the log of a month of samples."""
VERIFY_EACH = """
import sys
from tallystick.cli import main
sys.exit(max(main(["verify", "--json", file]) for file in sys.argv[1:]))
"""
"""A program that verifies many files, so that Python starts once for all of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Billed:
    """The story after two months were billed."""

    story: Story
    imported: dict[str, Any]
    documents: dict[str, list[dict[str, Any]]]  # by the first instant of the month

    @property
    def invoices(self) -> list[dict[str, Any]]:
        """Return the documents of both months."""
        return [invoice for month in self.documents.values() for invoice in month]

    def seconds(self, price: str, month: str | None = None) -> int:
        """Return what the lines of a price measured, in all or for one month."""
        documents = self.invoices if month is None else self.documents[month]
        return sum(
            (int(_line(invoice, price)["measurement"]["quantity"]) for invoice in documents), 0
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What the server says of invoices, and their proofs."""

    invoices: list[dict[str, Any]]
    proofs: list[Path]
    reports: list[httpx.Response]


@pytest.fixture(scope="module")
def billed(installation: Installation, tmp_path_factory: pytest.TempPathFactory) -> Billed:
    """Import the samples, and bill August and September."""
    trace, meta = data_file("bitbrains/trace.parquet"), data_file("bitbrains/meta.parquet")
    story = installation.story("machines")
    story.apply(_catalog(meta, tmp_path_factory.mktemp("machines")))
    imported = story.bring_in(trace, MAPPING)
    with story.client() as client:
        documents = {
            month: [client.get(f"/v1/invoices/{one}").json() for one in story.bill(through)]
            for month, through in ((START, SEPTEMBER), (SEPTEMBER, END))
        }
    return Billed(story=story, imported=imported, documents=documents)


def test_every_sample_counts_once(billed: Billed) -> None:
    """All samples are accepted; the whole file sent again is all duplicates and counts nothing."""
    assert billed.imported["accepted"] == SAMPLES
    again = billed.story.bring_in(data_file("bitbrains/trace.parquet"), MAPPING)
    assert (again["accepted"], again["duplicate"]) == (0, SAMPLES)
    assert billed.story.bill(END) == []


def test_each_customer_has_an_invoice_a_month(billed: Billed) -> None:
    """50 accounts are invoiced for each month, with numbers from 1 to 100 without a gap."""
    assert [len(month) for month in billed.documents.values()] == [MACHINES, MACHINES]
    assert all(len({one["account"] for one in month}) == MACHINES
               for month in billed.documents.values())  # fmt: skip
    numbers = [int(invoice["number"].rpartition("-")[2]) for invoice in billed.invoices]
    assert sorted(numbers) == list(range(1, 2 * MACHINES + 1))


@pytest.mark.parametrize(
    ("price", "total", "of_august"),
    [("vm", 94_849_898, 61_581_797), ("cores", 418_918_384, 275_291_411)],
)
def test_lines_add_up_to_the_known_totals(
    billed: Billed, price: str, *, total: int, of_august: int
) -> None:
    """The seconds on the lines of 100 invoices add up to those that the file holds."""
    assert (billed.seconds(price), billed.seconds(price, START)) == (total, of_august)
    hours = sum(Fraction(_line(one, price)["measurement"]["quantity"]) for one in billed.invoices)
    assert hours / 3600 == Fraction(total, 3600)


def test_gaps_are_reported_and_not_billed(billed: Billed) -> None:
    """15,938 gaps of 26,407,158 s stand in the usage and on the lines, and cost nothing."""
    asked = ("--start", START, "--end", END)
    (whole,) = billed.story.answer("usage", "vm", *asked)["items"]
    assert (whole["quantity"], whole["gap_seconds"]) == ("94849898", "26407158")
    assert whole["gaps"] == 15_938
    on_lines = [Decimal(_line(one, "vm")["measurement"]["gap_seconds"]) for one in billed.invoices]
    assert sum(on_lines) == 26_407_158


def test_usage_by_machine_and_month_is_that_of_the_lines(billed: Billed) -> None:
    """`usage` by machine and month gives what the lines of the machine's customer say."""
    asked = ("--start", START, "--end", END, "--window", "month", "--group-by", "subject")
    items = billed.story.answer("usage", "cores", *asked)["items"]
    shown = {
        (item["group"]["subject"].replace("vm-", "tenant-"), item["window_start"]): item["quantity"]
        for item in items
        if item["quantity"] != "0"
    }
    assert shown == {
        (invoice["account"], month): quantity
        for month, invoices in billed.documents.items()
        for invoice in invoices
        if (quantity := _line(invoice, "cores")["measurement"]["quantity"]) != "0"
    }


@pytest.mark.parametrize(("price", "tiers"), [("vm", VM_TIERS), ("cores", CORE_TIERS)])
def test_lines_cost_what_the_tiers_say(
    billed: Billed, price: str, tiers: tuple[tuple[str | None, str], ...]
) -> None:
    """Each line is its seconds as hours through the tiers, settled to cents once."""
    for invoice in billed.invoices:
        line = _line(invoice, price)
        exact = _graduated(Fraction(line["measurement"]["quantity"]) / 3600, tiers)
        assert Decimal(line["money"]) == _cents(exact), invoice["number"]


@pytest.fixture(scope="module")
def checked(billed: Billed, tmp_path_factory: pytest.TempPathFactory) -> Checked:
    """Let the server verify invoices of both months and prove them, two at a time."""
    folder = tmp_path_factory.mktemp("proofs")
    chosen = billed.invoices[::PROVEN_EACH]
    ids = [str(invoice["id"]) for invoice in chosen]
    with billed.story.client() as client, ThreadPoolExecutor(2) as both:

        def prove(invoice: str) -> Path:
            answer = client.get(f"/v1/invoices/{invoice}/proof").raise_for_status()
            target = folder / f"{invoice}.proof"
            target.write_bytes(answer.content)
            return target

        def verify(invoice: str) -> httpx.Response:
            return client.post(f"/v1/invoices/{invoice}/verify")

        proofs, reports = both.map(prove, ids), both.map(verify, ids)
        return Checked(invoices=chosen, proofs=list(proofs), reports=list(reports))


def test_every_invoice_verifies_from_the_log(checked: Checked) -> None:
    """The server makes each invoice again from the log itself and finds it equal."""
    for invoice, answer in zip(checked.invoices, checked.reports, strict=True):
        assert answer.status_code == 200, answer.text
        report = answer.json()
        assert report["number"] == invoice["number"]
        assert Decimal(report["total"]) == Decimal(invoice["total"])


def test_every_proof_verifies_alone(checked: Checked, tmp_path: Path) -> None:
    """A process that has nothing but the files makes each invoice again and finds it equal."""
    nothing = tmp_path / "nothing"
    code = os.pathsep.join(sys.path)
    alone = {"PYTHONPATH": code, "HOME": str(tmp_path), "TALLYSTICK_DATA": str(nothing)}
    verifiers = [
        subprocess.Popen(
            [sys.executable, "-c", VERIFY_EACH, *map(str, checked.proofs[first::2])],
            env=alone,
            stdout=subprocess.PIPE,
            text=True,
        )
        for first in (0, 1)
    ]
    said = [verifier.communicate()[0] for verifier in verifiers]
    assert [verifier.returncode for verifier in verifiers] == [0, 0], said
    lines = (line for one in said for line in one.splitlines())
    found = sorted(line for line in lines if line.startswith('  "digest"'))
    told = sorted(f'  "digest": "{each.json()["digest"]}",' for each in checked.reports)
    assert found == told
    assert not nothing.exists()


def test_commands_verify_and_prove(billed: Billed, tmp_path: Path) -> None:
    """`verify invoice`, `invoice export --proof` and `verify FILE` are the same for one invoice."""
    invoice = billed.invoices[0]
    report = billed.story.answer("verify", "invoice", invoice["id"])
    proof = billed.story.proof(invoice["id"], tmp_path)
    alone = run_command("verify", proof, "--json")
    assert alone.code == 0, alone.err
    assert alone.document["digest"] == report["digest"]


def test_the_journal_balances(billed: Billed) -> None:
    """Each entry sums to zero, and what customers owe is what the invoices say."""
    entries = billed.story.get("/v1/journal", limit="500").json()["items"]
    assert len(entries) == sum(Decimal(invoice["total"]) > 0 for invoice in billed.invoices)
    for entry in entries:
        assert sum(Decimal(posting["amount"]) for posting in entry["postings"]) == 0
    owed = sum(
        Decimal(posting["amount"])
        for entry in entries
        for posting in entry["postings"]
        if posting["account"].startswith("receivable:")
    )
    assert owed == sum(Decimal(invoice["total"]) for invoice in billed.invoices)


def _catalog(meta: Path, folder: Path) -> Path:
    machines = pq.read_table(meta).to_pylist()
    assert len(machines) == MACHINES
    level = {"event_type": "vm.sample", "aggregation": "time_weighted", "hold_seconds_max": 600}
    return write_catalog(
        folder,
        meters=[
            {"key": "vm", "value": "vm", "unit": "vm", **level},
            {"key": "cores", "value": "cpu_count", "unit": "core", **level},
        ],
        plans=[
            monthly(
                "machine",
                [
                    _price("vm", "vm.hour", VM_TIERS),
                    _price("cores", "core.hour", CORE_TIERS),
                ],
            )
        ],
        accounts=[customer(f"tenant-{machine['id']}") for machine in machines],
        resources=[
            {
                "key": f"vm-{machine['id']}",
                "account": f"tenant-{machine['id']}",
                "kind": "vm",
                "ended_at": f"{machine['stop_time']:%Y-%m-%dT%H:%M:%S.%fZ}",
            }
            for machine in machines
        ],
        subscriptions=[
            contract(f"tenant-{machine['id']}", plan="machine", start="2013-08-01")
            for machine in machines
        ],
    )


def _price(meter: str, unit: str, tiers: tuple[tuple[str | None, str], ...]) -> dict[str, object]:
    written = [
        {"unit_price": price} if bound is None else {"up_to": bound, "unit_price": price}
        for bound, price in tiers
    ]
    return {"key": meter, "model": "graduated", "meter": meter, "unit": unit, "tiers": written}


def _line(invoice: dict[str, Any], price: str) -> dict[str, Any]:
    (line,) = (line for line in invoice["lines"] if line["price"] == price)
    found: dict[str, Any] = line
    return found


def _graduated(hours: Fraction, tiers: tuple[tuple[str | None, str], ...]) -> Fraction:
    """Return the price of hours, tier by tier; a model of its own, in fractions."""
    cost, below = Fraction(0), Fraction(0)
    for bound, price in tiers:
        top = hours if bound is None else min(hours, Fraction(bound))
        cost += max(Fraction(0), top - below) * Fraction(price)
        below = top
    return cost


def _cents(exact: Fraction) -> Decimal:
    """Return dollars settled to cents, half away from zero; the amount is never negative here."""
    return Decimal((exact * 100 + Fraction(1, 2)).__floor__()).scaleb(-2)

"""A payer of two teams gets one document: late usage, a machine that changed hands, a void."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.stories.catalog_file import contract, customer, monthly, write_catalog
from tests.stories.hosting import APRIL, FEBRUARY, MARCH
from tests.stories.installation import Installation, Story, run_command

CALLS = {"key": "calls", "event_type": "call", "aggregation": "count", "unit": "call"}
PRICES = (
    {"key": "base", "model": "flat", "amount": "10.00", "cadence": "arrears"},
    {"key": "calls", "model": "unit", "meter": "calls", "unit_price": "0.50", "unit": "call"},
)
HANDED_OVER = ({"account": "mail", "at": "2026-02-01T00:00:00Z"},)


def company(folder: Path, *, transfers: Iterable[Mapping[str, str]] = ()) -> Path:
    """Write a catalog: corp pays for web and mail, and machine m-1 is web's to begin with."""
    corp = customer("corp") | {"consolidated": [{"from": "2026-01-01T00:00:00Z"}]}
    teams = [
        {**customer(team), "invoiced": False, "parent": "corp", "name": f"Team {team}"}
        for team in ("web", "mail")
    ]
    return write_catalog(
        folder,
        meters=[CALLS],
        plans=[monthly("pro", PRICES)],
        accounts=[corp, *teams],
        resources=[{"key": "m-1", "account": "web", "transfers": [*transfers]}],
        subscriptions=[
            contract(team, plan="pro", start="2026-01-01T00:00:00Z") for team in ("web", "mail")
        ],
    )


def calls(folder: Path, name: str, *at: str) -> Path:
    """Write calls of machine m-1 as a file of events."""
    file = folder / f"{name}.ndjson"
    events = [
        {"specversion": "1.0", "id": f"{name}-{number}", "source": "m", "type": "call",
         "subject": "m-1", "time": time, "data": {}}
        for number, time in enumerate(at)
    ]  # fmt: skip
    file.write_bytes(b"".join(msgspec.json.encode(event) + b"\n" for event in events))
    return file


def sections(document: Mapping[str, Any]) -> dict[str, Decimal]:
    """Return what each contract's section comes to."""
    found: dict[str, Decimal] = {}
    for line in document["lines"]:
        key = line["subscription"]
        found[key] = found.get(key, Decimal(0)) + Decimal(line["money"])
    return found


@pytest.fixture(scope="module")
def corp(installation: Installation, tmp_path_factory: pytest.TempPathFactory) -> Story:
    """Lend the company with four calls in January."""
    folder = tmp_path_factory.mktemp("corp")
    story = installation.story("consolidated")
    story.apply(company(folder))
    story.bring_in(calls(folder, "january", *["2026-01-10T00:00:00Z"] * 4))
    return story


def test_one_document_through_its_life(corp: Story, tmp_path: Path) -> None:
    """Billed, corrected by late usage and a transfer, voided, regenerated; all of it verifies."""
    story, made = corp, []
    (january,) = [story.invoice(one) for one in story.bill(FEBRUARY)]
    assert sections(january) == {"mail": Decimal(10), "web": Decimal(12)}
    assert (january["account"], january["total"]) == ("corp", "22")
    made.append(january)

    story.bring_in(calls(tmp_path, "late", "2026-01-20T00:00:00Z"))
    story.bring_in(calls(tmp_path, "february", *["2026-02-10T00:00:00Z"] * 2))
    (february,) = [story.invoice(one) for one in story.bill(MARCH)]
    assert sections(february) == {"mail": Decimal(10), "web": Decimal("11.5")}
    made.append(february)

    story.answer("apply", "-f", company(tmp_path, transfers=HANDED_OVER))
    march, note = [story.invoice(one) for one in story.bill(APRIL)]
    assert sections(march) == {"mail": Decimal(11), "web": Decimal(10)}
    assert note["reference"]["number"] == february["number"]
    assert sections(note) == {"web": Decimal(-1)}

    void = ("invoice", "void", march["id"], "rebill", "--reason", "address", "--regenerate")
    answer = story.answer(*void)
    (anew,) = answer["anew"]
    assert anew["replaces"]["number"] == march["number"]
    assert sections(anew) == sections(march)
    assert story.bill(APRIL) == []

    for document in (*made, march, note, answer["note"], anew):
        report = story.answer("verify", "invoice", document["id"])
        alone = run_command("verify", story.proof(document["id"], tmp_path), "--json")
        assert (alone.code, alone.document["digest"]) == (0, report["digest"])

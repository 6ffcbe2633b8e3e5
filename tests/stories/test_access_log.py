"""An access log of 10,000 requests: counted by client, priced by the GB and by the GiB."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.metering.real_data import data_file, web_requests
from tests.stories.catalog_file import contract, customer, monthly, write_catalog
from tests.stories.hosting import MAPPINGS
from tests.stories.installation import Installation, Story, run_command

pytestmark = pytest.mark.shared

LOG = "weblogs/apache_logs.gz"
MAY = ("--start", "2015-05-01T00:00:00Z", "--end", "2015-06-01T00:00:00Z")
BYTES = 2_747_282_740
TEN_DIGITS = Decimal("1e-10")
PRICES: Mapping[str, str] = {"by-gb": "GB", "by-gib": "GiB"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """The story after the log was imported."""

    story: Story
    catalog: Path
    imported: dict[str, Any]

    def usage(self, meter: str, *more: str) -> list[dict[str, Any]]:
        """Return the usage of May."""
        covered = ("--position", str(self.imported["last_position"]))
        items: list[dict[str, Any]] = self.story.answer("usage", meter, *MAY, *covered, *more)[
            "items"
        ]
        return items


@pytest.fixture(scope="module")
def served(installation: Installation, tmp_path_factory: pytest.TempPathFactory) -> Served:
    """Import the log; each client is a resource of one customer, who has two plans."""
    log = data_file(LOG)
    story = installation.story("website")
    clients = sorted({event.subject for event in web_requests()})
    catalog = write_catalog(
        tmp_path_factory.mktemp("website"),
        meters=[
            {"key": "requests", "event_type": "http.request", "aggregation": "count",
             "unit": "request"},
            {"key": "sent", "event_type": "http.request", "aggregation": "sum", "value": "bytes",
             "unit": "byte"},
        ],
        plans=[
            monthly(
                plan,
                [{"key": "sent", "model": "unit", "meter": "sent", "unit": unit,
                  "unit_price": "0.09"}],
            )
            for plan, unit in PRICES.items()
        ],
        accounts=[customer("website")],
        resources=[{"key": client, "account": "website", "kind": "client"} for client in clients],
        subscriptions=[
            {**contract("website", plan=plan, start="2015-05-01", end="2015-06-01"), "key": plan}
            for plan in PRICES
        ],
    )  # fmt: skip
    story.apply(catalog)
    return Served(
        story=story, catalog=catalog, imported=story.bring_in(log, MAPPINGS / "access-log.yaml")
    )


def test_requests_and_bytes_of_all_clients(served: Served) -> None:
    """10,000 requests of 1,753 clients; a request that sent nothing is 0, not unknown."""
    assert served.imported["accepted"] == 10_000
    clients = served.usage("requests", "--group-by", "subject")
    assert len(clients) == 1_753
    assert sum(int(item["quantity"]) for item in clients) == 10_000
    (sent,) = served.usage("sent")
    assert (int(sent["quantity"]), sent["unmeterable"]) == (BYTES, 0)


def test_preview_before_settling(served: Served) -> None:
    """0.09 per GB is 0.2472554466, and per GiB 0.2302745791 to ten digits."""
    last_instant = "2015-05-31T23:59:59.999999Z"
    preview = served.story.answer("invoice", "preview", "website", "--at", last_instant)
    exact = {
        document["subscription"]: Decimal(document["lines"][0]["exact"])
        for document in preview["documents"]
    }
    assert exact["by-gb"] == Decimal("0.2472554466")
    assert exact["by-gib"].quantize(TEN_DIGITS) == Decimal("0.2302745791")


@pytest.mark.parametrize(
    ("plan", "size", "cost"),
    [("by-gb", 10**9, "0.2472554466"), ("by-gib", 2**30, "0.2302745791")],
)
def test_rate_without_a_server(served: Served, plan: str, *, size: int, cost: str) -> None:
    """`rate` gives the same of the quantity that `usage` told."""
    (sent,) = served.usage("sent")
    quantity = (Decimal(sent["quantity"]) / size).quantize(Decimal("1e-18"))
    rated = run_command(
        "rate", served.catalog, "--price", f"{plan}/sent", "--quantity", str(quantity), "--json"
    )
    assert rated.code == 0, rated.out + rated.err
    assert Decimal(rated.document["exact"]).quantize(TEN_DIGITS) == Decimal(cost)


def test_invoices_are_settled_once(served: Served) -> None:
    """Billed, the exact prices become 25 and 23 cents, verified from the log."""
    issued = served.story.bill("2015-06-01T00:00:00Z")
    invoices = [served.story.invoice(each) for each in issued]
    assert {one["subscription"]: one["total"] for one in invoices} == {
        "by-gb": "0.25",
        "by-gib": "0.23",
    }
    for each in issued:
        assert served.story.run("verify", "invoice", each).code == 0

"""The catalogs that come with the package."""

from decimal import Decimal
from pathlib import Path

import pytest

import tallystick
from tallystick.catalog import Action, Catalog, catalog_from_documents, plan_catalog
from tallystick.integrations.catalog_files import read_catalog_files
from tallystick.integrations.host import Reading, reading_events
from tallystick.integrations.host.reading import SUBJECT
from tallystick.kernel import Done, PlanKey
from tallystick.pricing import rate
from tests.clock import NEW_YEAR

SAMPLES = Path(tallystick.__file__).parent / "samples"
FOLDERS = ("host", "saas")


def sample(name: str) -> Catalog:
    """Return a sample as a catalog."""
    documents = read_catalog_files([SAMPLES / name])
    assert isinstance(documents, Done), documents
    outcome = catalog_from_documents(documents.value)
    assert isinstance(outcome, Done), outcome
    return outcome.value


@pytest.mark.parametrize("name", FOLDERS)
def test_samples_apply(name: str) -> None:
    """Each sample applies to an empty workspace, and has somebody to bill."""
    documents = read_catalog_files([SAMPLES / name])
    assert isinstance(documents, Done)
    planned = plan_catalog(documents.value, stored=Catalog(), at=NEW_YEAR)
    assert isinstance(planned, Done), planned
    assert {change.action for change in planned.value.changes} == {Action.CREATED}
    assert planned.value.stores.subscriptions


def test_this_computer_by_the_month() -> None:
    """What an hour of two busy cores, 8 GiB, 500 GB and 5 GB sent cost, before settling."""
    plan = sample("host").plan_versions[PlanKey("this-computer"), 1]
    used = {"cpu": "2", "memory": "8", "disk": "0.684931506849315068", "network-out": "5"}
    amounts = {
        price.key: rate(price, Decimal(used[price.key])).amount.value
        for price in plan.prices
        if price.key in used
    }
    assert amounts == {
        "cpu": Decimal("0.08"),
        "memory": Decimal("0.040"),
        "disk": Decimal("0.0684931506849315068"),
        "network-out": Decimal("0.36"),
    }


def test_meters_read_what_the_collector_sends() -> None:
    """Each meter finds its value and epoch in an event of its type, and the subject is known."""
    reading = Reading(
        boot_id="b",
        sample=1,
        taken_at=NEW_YEAR,
        cpu_seconds=Decimal(1),
        memory_used_bytes=1,
        disk_used_bytes=1,
        disk_path="/",
        bytes_sent=1,
        bytes_received=1,
    )
    data = {event["type"]: event["data"] for event in reading_events(reading, source="host/x")}
    found = sample("host")
    for meter in found.meters.values():
        content = data[meter.event_type]
        assert isinstance(content, dict)
        assert {meter.value, meter.epoch} - {None} <= content.keys()
    assert SUBJECT in found.resources

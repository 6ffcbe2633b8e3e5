"""Catalogs that stories generate, written as files for `tallystick apply`."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

LEGAL_ENTITY: Mapping[str, object] = {
    "key": "main",
    "name": "Main Hosting",
    "country": "US",
    "zone": "UTC",
    "currency": "USD",
    "series_prefix": "INV",
}


def customer(key: str) -> dict[str, object]:
    """Return an account that is invoiced in dollars, by months of UTC."""
    return {"key": key, "name": f"Customer {key}", "zone": "UTC", "currency": "USD",
            "invoiced": True}  # fmt: skip


def contract(account: str, *, plan: str, start: str, end: str | None = None) -> dict[str, object]:
    """Return a subscription of an account, known by the account's key."""
    ends = {} if end is None else {"end": end}
    return {"key": account, "account": account, "plan": plan, "version": 1,
            "legal_entity": "main", "start": start, **ends}  # fmt: skip


def monthly(key: str, prices: Sequence[Mapping[str, object]]) -> dict[str, object]:
    """Return a plan with calendar months in dollars."""
    return {"key": key, "version": 1, "name": key, "currency": "USD", "interval": "month",
            "alignment": "calendar", "prices": list(prices)}  # fmt: skip


def write_catalog(folder: Path, **lists: Sequence[Mapping[str, object]]) -> Path:
    """Write the lists, and the legal entity that all stories share, as one file."""
    file = folder / "catalog.yaml"
    document = {"legal_entities": [LEGAL_ENTITY], **lists}
    # JSON is YAML, too; what a person writes by hand stands in tests/stories/inputs.
    file.write_bytes(msgspec.json.format(msgspec.json.encode(document)))
    return file

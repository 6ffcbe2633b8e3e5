"""A legal hold covers what lies in all of its bounds, until it is released."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tallystick.kernel import AccountKey
from tallystick.retention import LegalHold, held_by

JUNE, JULY = datetime(2026, 6, 1, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC)
ACME = AccountKey("acme")
EVERYTHING = LegalHold(id="h", reason="case 7", placed_at=JULY, placed_by="me")


@pytest.mark.parametrize(
    ("bounds", "held"),
    [
        ({}, True),
        ({"account": ACME, "event_type": "call", "start": JUNE, "end": JULY}, True),
        ({"account": AccountKey("other")}, False),
        ({"event_type": "job"}, False),
        ({"start": JULY}, False),
        ({"end": JUNE}, False),
        ({"released_at": JULY}, False),
    ],
)
def test_all_bounds_bind(bounds: dict[str, object], held: bool) -> None:  # noqa: FBT001 - a cell
    """An event is held that lies in every bound; start belongs to it, end does not."""
    hold = replace(EVERYTHING, **bounds)  # type: ignore[arg-type] # cells of one table
    assert held_by(hold, event_type="call", accounts=(ACME,), used_at=JUNE) is held


def test_nobodys_usage_is_held_by_no_account() -> None:
    """Usage that belongs to nobody yet is not an account's; a hold without account covers it."""
    of_acme = replace(EVERYTHING, account=ACME)
    assert not held_by(of_acme, event_type="call", accounts=(), used_at=JUNE)
    assert held_by(EVERYTHING, event_type="call", accounts=(), used_at=JUNE)

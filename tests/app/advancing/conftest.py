"""Fixtures of test clocks."""

import pytest

from tests.app.invoicing.billing import Billing, new_billing
from tests.clickhouse import UsageStore
from tests.clock import NEW_YEAR
from tests.databases import Database


@pytest.fixture
def trial(database: Database, usage_store: UsageStore) -> Billing:
    """Lend a test workspace with one account, whose clock stands at the new year of 2026."""
    return new_billing(database, usage_store, test_from=NEW_YEAR)

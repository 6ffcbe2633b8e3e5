"""Fixtures of credit on documents: a workspace that can be billed."""

import pytest

from tests.app.invoicing.billing import Billing, new_billing
from tests.clickhouse import UsageStore
from tests.databases import Database


@pytest.fixture
def billing(database: Database, usage_store: UsageStore) -> Billing:
    """Lend a workspace with one account that can be billed."""
    return new_billing(database, usage_store)

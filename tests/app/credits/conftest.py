"""Fixtures of credit."""

import pytest

from tests.app.credits.purse import Purse, new_purse
from tests.databases import Database


@pytest.fixture
def purse(database: Database) -> Purse:
    """Lend a workspace in which nobody holds credit yet."""
    return new_purse(database)

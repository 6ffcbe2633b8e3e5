"""
The order of files: those that take long begin first.

Several processes share the files (`make test`), each whole: a long one that begins last keeps all
others waiting for it. What is not listed comes after, in the order it was given.
"""

from pathlib import Path

import pytest

LONG = (
    "tests/cli/test_up.py",
    "tests/stories/test_virtual_machines.py",
    "tests/integrations/kafka/test_kafka.py",
    "tests/app/test_reconcile.py",
    "tests/stories/test_killed.py",
    "tests/stories/test_disk_full.py",
    "tests/stories/test_tour.py",
    "tests/stories/test_reconciled.py",
    "tests/conformance/test_embedded.py",
    "tests/stories/test_a_year.py",
    "tests/cli/test_short_lived.py",
    "tests/conformance/test_corrections.py",
    "tests/app/personal/test_protect_events.py",
    "tests/api/test_removal.py",
    "tests/stories/test_run_killed.py",
    "tests/stories/test_plan_migration.py",
    "tests/stories/test_bookkeeper.py",
    "tests/stories/test_account_keys.py",
    "tests/stories",
    "tests/conformance",
    "tests/integrations",
)
"""Files and folders by the time that they take, the longest first."""


@pytest.hookimpl(trylast=True)  # what is shuffled is put in order after
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put the files that take long before the others."""
    ranks = {config.rootpath / name: rank for rank, name in enumerate(LONG)}

    def rank(path: Path) -> int:
        known = (ranks[place] for place in (path, *path.parents) if place in ranks)
        return min(known, default=len(LONG))

    items.sort(key=lambda item: rank(item.path))

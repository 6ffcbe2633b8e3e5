"""The pages on billing and quotas show what is so: each example in them runs."""

import doctest
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NEEDS_A_SERVER = frozenset({"client.md"})  # test_client_page.py runs it
PAGES = sorted(
    page
    for part in ("billing", "quotas")
    for page in (ROOT / "docs" / part).glob("*.md")
    if page.name not in NEEDS_A_SERVER
)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.parent.name}/{page.stem}")
def test_examples_say_what_is_so(page: Path) -> None:
    """What a page says that an example answers is what it answers."""
    failed, tried = doctest.testfile(
        str(page), module_relative=False, optionflags=doctest.NORMALIZE_WHITESPACE
    )
    assert failed == 0
    assert tried > 0

"""Catalogs written as files: read back the same, and read well."""

from pathlib import Path

import pytest
from hypothesis import given

from tallystick.catalog import (
    Catalog,
    Documents,
    catalog_documents,
    catalog_from_documents,
)
from tallystick.integrations.catalog_files import (
    read_catalog_files,
    source_from_yaml,
    yaml_text,
)
from tallystick.kernel import Done
from tests.catalog.strategies import catalogs
from tests.profiles import fewer_examples

PLANS = """\
plans:
  # historical
  - key: pro
    version: 1
    name: Pro
    currency: EUR
    interval: month
    alignment: calendar
    proration: day
    prices:
      - {key: base, model: flat, amount: "20"}
      - key: calls
        model: graduated
        meter: calls
        tiers:
          - {up_to: "1000", unit_price: "0.05"}
          - {unit_price: "0.04"}
  # current
  - key: pro
    version: 2
    name: "7"
    currency: EUR
    interval: month
    alignment: calendar
    proration: day
    prices:
      - {key: base, model: flat, amount: "25"}
"""


def written(documents: Documents) -> Documents:
    """Return what is read from the file that documents were written into."""
    text = yaml_text(documents.lists)
    source, faults = source_from_yaml(text.encode(), file="catalog.yaml")
    assert not faults, (faults, text)
    assert isinstance(source.body, dict)
    return Documents(lists=source.body)


# Writing YAML with its comments takes a tenth of a second and more for a catalog.
@fewer_examples
@given(catalog=catalogs())
def test_every_catalog_reads_back(catalog: Catalog) -> None:
    """Whatever names hold: quotes, line ends, what looks like a number, a flag or nothing."""
    documents = catalog_documents(catalog)
    again = written(documents)
    assert again.lists == documents.lists
    assert catalog_from_documents(again) == Done(catalog)


def test_a_file_says_which_version_is_current(tmp_path: Path) -> None:
    """What is written from a file of two versions is the file itself, byte by byte."""
    file = tmp_path / "plans.yaml"
    meters = "meters:\n  - {key: calls, event_type: call, aggregation: count, unit: call}\n"
    file.write_text(meters + PLANS)
    read = read_catalog_files([file])
    assert isinstance(read, Done), read
    catalog = catalog_from_documents(read.value)
    assert isinstance(catalog, Done), catalog
    lists = catalog_documents(catalog.value).lists
    assert yaml_text({"plans": lists["plans"]}) == PLANS


def test_nothing_is_read_as_something_else() -> None:
    """Texts that look like numbers, flags, nothing or dates come back as texts."""
    texts = ["007", "7", "1e3", "0.10", "true", "~", "null", "", "no", "2026-01-31", "a: b", "# c"]
    text = yaml_text({"units": texts})
    source, faults = source_from_yaml(text.encode(), file="units.yaml")
    assert not faults
    assert source.body == {"units": texts}


@pytest.mark.parametrize("name", ["\x85", "true", "2026-01-31", "a: b", " ", "1"])
def test_names_that_read_as_something_else_are_quoted(name: str) -> None:
    """The name of an attribute comes back as the text that it was, whatever it looks like."""
    document = {"attributes": {name: "0"}}
    source, faults = source_from_yaml(yaml_text(document).encode(), file="c.yaml")
    assert not faults
    assert source.body == document

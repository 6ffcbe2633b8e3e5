"""What is written from a catalog reads back as the same catalog."""

from hypothesis import given

from tallystick.app.catalog import body_from_json, documents_from_body, json_from_documents
from tallystick.catalog import (
    Action,
    Catalog,
    Documents,
    catalog_documents,
    catalog_from_documents,
    plan_catalog,
)
from tallystick.kernel import Done
from tests.catalog.strategies import NEW_YEAR, catalogs
from tests.profiles import fewer_examples


def sent(documents: Documents) -> Documents:
    """Return documents as they arrive at the other end of a connection."""
    body = body_from_json(json_from_documents(documents))
    assert isinstance(body, Done)
    arrived = documents_from_body(body.value)
    assert isinstance(arrived, Done)
    return arrived.value


@fewer_examples
@given(catalog=catalogs())
def test_documents_read_back(catalog: Catalog) -> None:
    """Writing and reading gives an equal catalog, over a connection too."""
    documents = catalog_documents(catalog)
    assert catalog_from_documents(documents) == Done(catalog)
    assert sent(documents) == documents


@fewer_examples
@given(catalog=catalogs())
def test_what_is_exported_applies_unchanged(catalog: Catalog) -> None:
    """Applying what was exported finds nothing to create and nothing to change."""
    planned = plan_catalog(catalog_documents(catalog), stored=catalog, at=NEW_YEAR)
    assert isinstance(planned, Done)
    assert {change.action for change in planned.value.changes} == {Action.UNCHANGED}
    assert planned.value.stores == Catalog()


@fewer_examples
@given(catalog=catalogs())
def test_first_application_creates_all(catalog: Catalog) -> None:
    """Into an empty workspace all is created, and what is stored is the catalog itself."""
    planned = plan_catalog(catalog_documents(catalog), stored=Catalog(), at=NEW_YEAR)
    assert isinstance(planned, Done)
    assert {change.action for change in planned.value.changes} == {Action.CREATED}
    assert planned.value.stores == catalog

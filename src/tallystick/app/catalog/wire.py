"""
Catalog documents as one JSON text: how a client sends files that it has read.

    {"documents": {"plans": [...]}, "places": {"plans[0].key": ["plans.yaml", 3, 10, 3, 5]}}

``places`` may be left out; then problems name paths alone.  Numbers are never binary floats: a JSON
number with a fraction is read as the decimal that was written.
"""

from decimal import Decimal

import msgspec

from tallystick.catalog import Documents, Place, Source, gather
from tallystick.kernel import Done, Outcome, Refused, refuse


class CatalogBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The body of a request to apply; a place is file, line, column, and those of the name."""

    documents: dict[str, object]
    places: dict[str, tuple[str, int, int, int, int]] = {}
    dry_run: bool = False


_DECODER = msgspec.json.Decoder(CatalogBody, float_hook=Decimal)
_ENCODER = msgspec.json.Encoder(decimal_format="number")


def json_from_documents(documents: Documents, *, dry_run: bool = False) -> bytes:
    """
    Write documents as the body of a request to apply.

    >>> json_from_documents(Documents(lists={"units": ["scan"]}))
    b'{"documents":{"units":["scan"]},"places":{},"dry_run":false}'
    """
    places = {
        path: (each.file, each.line, each.column, each.name_line, each.name_column)
        for path, each in documents.places.items()
    }
    body = CatalogBody(documents=dict(documents.lists), places=places, dry_run=dry_run)
    return _ENCODER.encode(body)


def body_from_json(text: bytes) -> Outcome[CatalogBody]:
    """
    Read the body of a request to apply.

    Problems:
        invalid_body: not JSON, or not of this shape.
    """
    try:
        return Done(_DECODER.decode(text))
    except (msgspec.DecodeError, msgspec.ValidationError, RecursionError) as error:
        return refuse("invalid_body", f"not a catalog body: {error}")


def documents_from_body(body: CatalogBody) -> Outcome[Documents]:
    """
    Take the documents out of a body.

    Problems:
        wrong_type: what should be a list is none.
    """
    places = {
        path: Place(file=file, line=line, column=column, name_line=name_line, name_column=name)
        for path, (file, line, column, name_line, name) in body.places.items()
    }
    documents, problems = gather([Source(body=body.documents, places=places)])
    return Refused(problems) if problems else Done(documents)

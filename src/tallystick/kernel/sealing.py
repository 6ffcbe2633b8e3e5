"""
The seal of a record: what ties it to the one before it in a chain.

Kept here because two need the same bytes: whoever seals the audit, and whoever is shown one sealed
record on another machine.
"""

from tallystick.kernel.canonical import canonical_json, digest


def seal_digest(record: object, *, id_: int, sequence: int, previous: str) -> str:
    """
    Return the digest of a link: its number, the link before, and the record with its id.

    Args:
        record: anything with a canonical form.
        id_: of the record's row.
        sequence: of the link, counted from 1.
        previous: digest of the link before.

    Example:
        >>> seal_digest({"a": 1}, id_=7, sequence=1, previous="sha256:0")[:19]
        'sha256:61ce01159350'
    """
    content = {"sequence": sequence, "previous": previous, "id": id_, "record": record}
    return digest(canonical_json(content))

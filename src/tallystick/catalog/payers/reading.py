"""Moves of an account to other payers, as a catalog says them; read and written."""

from collections.abc import Iterable
from itertools import pairwise

from tallystick.accounts import PayerChange
from tallystick.catalog.fields import FLAG, INSTANT, KEY, Fields
from tallystick.kernel import AccountKey, Problem, check, instant_text


def read_payer_changes(fields: Fields) -> tuple[PayerChange, ...]:
    """Read where an account stands from an instant on; those of one instant in their order."""
    found = tuple(_payer_change(part) for part in fields.each("payer_changes"))
    for index, (earlier, later) in enumerate(pairwise(found), start=1):
        if later.at < earlier.at:
            message = '"at" must not lie before that of the entry before'
            fields.note("wrong_value", message, f"payer_changes[{index}].at")
    return found


def _payer_change(fields: Fields) -> PayerChange:
    parent = fields.read_or("parent", KEY, "")
    change = PayerChange(
        at=fields.read("at", INSTANT),
        parent=AccountKey(parent) if parent else None,
        invoiced=fields.read_or("invoiced", FLAG, default=False),
    )
    if change.parent is None and not change.invoiced:
        message = 'say who pays: the account itself ("invoiced": true), or one above it ("parent")'
        fields.note("missing_field", message, "parent")
    fields.finish()
    return change


def payer_changes_document(changes: Iterable[PayerChange]) -> list[dict[str, object]]:
    """Write what `read_payer_changes` reads."""
    return [
        {"at": instant_text(one.at)}
        | ({} if one.parent is None else {"parent": one.parent})
        | ({"invoiced": True} if one.invoiced else {})
        for one in changes
    ]


def stored_payer_changes(changes: object) -> tuple[PayerChange, ...]:
    """
    Return the moves of an account from a stored document.

    Raises:
        InvariantBroken: they are not such as are written here.
    """
    problems: list[Problem] = []
    fields = Fields({"payer_changes": changes}, path="", problems=problems)
    found = read_payer_changes(fields)
    check(not problems, f"changes of payer cannot be read: {problems[:1]}")
    return found

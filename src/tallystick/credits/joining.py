"""
The credit of several accounts seen as one, where a document may use that of all of them.

An account's contracts use its own credit and that of the accounts above it, up to its payer. Each
fact belongs to one account: a movement that takes of grants of two of them is recorded with each,
under one key, as the parts of its grants.

    line 12.00: 5.00 of a grant of team-a, 7.00 of a grant of corp
        team-a   burned line   5.00
        corp     burned line   7.00
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TypeAlias

from tallystick.credits.grant import Grant, GrantKey
from tallystick.credits.history import CreditHistory, Movement, MovementKind, Void
from tallystick.credits.lots import LotId, lots_of
from tallystick.kernel import AccountKey

_Order: TypeAlias = tuple[int, datetime, bool, int, int]


def joined(histories: Iterable[CreditHistory]) -> CreditHistory:
    """
    Return the facts of several histories as one, what stands in more than one of them once.

    Grants are in the order in which they were given; of those given at one instant the ones of an
    earlier history come first. Parts of a movement are in burn order, of one that gives back in the
    reverse.

    Example:
        >>> joined([]) == CreditHistory()
        True
    """
    known = list(histories)
    if len(known) == 1:
        return known[0]
    grants: dict[GrantKey, Grant] = {}
    voids: dict[GrantKey, Void] = {}
    movements: dict[str, Movement] = {}
    for history in known:
        grants |= {one.key: one for one in history.grants if one.key not in grants}
        voids |= {one.grant: one for one in history.voids if one.grant not in voids}
        for one in history.movements:
            before = movements.get(one.key)
            movements[one.key] = one if before is None else _both(before, one)
    return _in_order(
        CreditHistory(
            grants=tuple(sorted(grants.values(), key=lambda one: one.given_at)),
            voids=tuple(voids.values()),
            movements=tuple(movements.values()),
        )
    )


def of_grants(history: CreditHistory, keys: Iterable[GrantKey]) -> CreditHistory:
    """Return what a history says of some grants; a movement keeps the parts that are theirs."""
    kept = frozenset(keys)
    return CreditHistory(
        grants=tuple(one for one in history.grants if one.key in kept),
        voids=tuple(one for one in history.voids if one.grant in kept),
        movements=tuple(
            part for one in history.movements if (part := part_of(one, kept)) is not None
        ),
    )


def part_of(movement: Movement, keys: frozenset[GrantKey]) -> Movement | None:
    """Return what a movement moves of some grants; None: nothing."""
    parts = tuple(one for one in movement.parts if one.lot.grant in keys)
    if len(parts) == len(movement.parts):
        return movement
    return replace(movement, parts=parts) if parts else None


def by_account(movement: Movement, grants: Iterable[Grant]) -> Mapping[AccountKey, Movement]:
    """
    Return what a movement moves of each account's grants, by account in the order of their keys.

    Args:
        movement: of grants of any accounts.
        grants: at least those that it moves.
    """
    of: dict[AccountKey, set[GrantKey]] = {}
    for one in grants:
        of.setdefault(one.account, set()).add(one.key)
    found = {key: part_of(movement, frozenset(of[key])) for key in sorted(of)}
    return {key: one for key, one in found.items() if one is not None}


def _both(one: Movement, other: Movement) -> Movement:
    known = {part.lot for part in one.parts}
    more = tuple(part for part in other.parts if part.lot not in known)
    return replace(one, parts=(*one.parts, *more)) if more else one


def _in_order(history: CreditHistory) -> CreditHistory:
    """Return a history with the parts of each movement of several accounts in burn order."""
    accounts = {one.key: one.account for one in history.grants}
    shared = [
        one
        for one in history.movements
        if len({accounts[part.lot.grant] for part in one.parts}) > 1
    ]
    if not shared:
        return history
    places = {
        lot.id: lot.order
        for place, grant in enumerate(history.grants)
        for lot in lots_of(grant, through=max(one.at for one in shared), place=place)
    }
    ordered = {one.key: _ordered(one, places) for one in shared}
    return replace(history, movements=tuple(ordered.get(one.key, one) for one in history.movements))


def _ordered(movement: Movement, places: Mapping[LotId, _Order]) -> Movement:
    back = movement.kind is MovementKind.GIVEN_BACK
    parts = sorted(movement.parts, key=lambda part: places[part.lot], reverse=back)
    return replace(movement, parts=tuple(parts))

"""What a basis knows of credit: as far as it may lower lines, and as of which instant."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from tallystick.credits import CreditHistory, Movement, of_grants, part_of
from tallystick.invoicing.basis import Basis
from tallystick.invoicing.credited.taking import LOWERING
from tallystick.kernel import Currency


def lowering(history: CreditHistory, unit: Currency, *, entity: str) -> CreditHistory | None:
    """
    Return what of an account's credit may lower lines; None: nothing of it.

    Args:
        history: all that is known of it.
        unit: the currency of the lines.
        entity: key of the legal entity that issues them; what another one sold is not used.
    """
    keys = [
        one.key
        for one in history.grants
        if one.treatment in LOWERING and one.of == unit and one.legal_entity in {"", entity}
    ]
    return of_grants(history, keys) if keys else None


def asked_at(basis: Basis, at: datetime) -> Basis:
    """Return a basis whose lines may use what stands at the instant of issue, too."""
    return basis if basis.credits is None else replace(basis, credits_at=at)


def with_spent(basis: Basis, spent: Iterable[Movement]) -> Basis:
    """Return a basis that knows what documents drafted beside it take of the credit it knows."""
    if basis.credits is None:
        return basis
    history = basis.credits
    keys = frozenset(one.key for one in history.grants)
    for movement in spent:
        own = part_of(movement, keys)
        history = history if own is None else history.moved(own)
    return basis if history is basis.credits else replace(basis, credits=history)

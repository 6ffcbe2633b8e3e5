"""
Credit as JSON: grants, voids and movements as they are kept, sent, and put into a document's basis.

Decimals are plain text, instants have six fraction digits. What has its default is left out, so
that a field added later changes nothing that was written before.
"""

from collections.abc import Iterable
from datetime import date, datetime

import msgspec

from tallystick.credits.grant import (
    PRIORITY_DEFAULT,
    Grant,
    GrantKey,
    GrantKind,
    Holding,
    Recurrence,
    Scope,
    Treatment,
)
from tallystick.credits.history import CreditHistory, Movement, MovementKind, Part, Void
from tallystick.credits.lots import LotId
from tallystick.kernel import (
    AccountKey,
    Currency,
    Interval,
    IntervalUnit,
    MeterKey,
    Money,
    PlanKey,
    PriceKey,
    Unit,
    instant,
    instant_text,
    parse_decimal,
    plain,
)


class _Wire(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    pass


class RecurrenceDocument(_Wire, frozen=True, kw_only=True):
    """
    That a grant comes anew.

    Attributes:
        every: hour, day, week, month, quarter, half_year or year; ``count`` of them.
        rollover_max: what may roll over in all; empty: everything.
        rollover_every: with ``rollover_count``, how long it stays; empty: as long as the grant.
    """

    every: str
    anchor: str
    count: int = 1
    zone: str = "UTC"
    rollover_max: str = "0"
    rollover_every: str = ""
    rollover_count: int = 1


class GrantDocument(_Wire, frozen=True, kw_only=True):
    """
    A grant; ``currency`` and ``exponent``, or ``unit``, say what it holds.

    ``sold_minor`` is in the smallest units of ``sold_currency``, of ``sold_exponent`` places.
    """

    key: str
    account: str
    kind: str
    treatment: str
    amount: str
    given_at: str
    effective_at: str
    currency: str = ""
    exponent: int = 0
    unit: str = ""
    priority: int = PRIORITY_DEFAULT
    prices: tuple[str, ...] = ()
    plans: tuple[str, ...] = ()
    meters: tuple[str, ...] = ()
    expires_at: str = ""
    recurs: RecurrenceDocument | None = None
    sold_minor: int | None = None
    sold_currency: str = ""
    sold_exponent: int = 0
    legal_entity: str = ""
    origin: str = ""
    name: str = ""


class VoidDocument(_Wire, frozen=True, kw_only=True):
    """That a grant was voided."""

    grant: str
    at: str
    reason: str = ""


class PartDocument(_Wire, frozen=True, kw_only=True):
    """So much of a lot."""

    grant: str
    amount: str
    number: int = 0


class MovementDocument(_Wire, frozen=True, kw_only=True):
    """Credit that was used or brought back."""

    key: str
    kind: str
    at: str
    parts: tuple[PartDocument, ...]
    of: str = ""
    source: str = ""


class HistoryDocument(_Wire, frozen=True, kw_only=True):
    """All facts about the credit of one account, in their order."""

    grants: tuple[GrantDocument, ...] = ()
    voids: tuple[VoidDocument, ...] = ()
    movements: tuple[MovementDocument, ...] = ()


def wire_from_grant(grant: Grant) -> GrantDocument:
    """Return a grant as it is kept."""
    of, sold, scope = grant.of, grant.sold_for, grant.scope
    return GrantDocument(
        key=grant.key,
        account=grant.account,
        kind=grant.kind.value,
        treatment=grant.treatment.value,
        amount=plain(grant.amount),
        currency=of.code if isinstance(of, Currency) else "",
        exponent=of.exponent if isinstance(of, Currency) else 0,
        unit=of.name if isinstance(of, Unit) else "",
        priority=grant.priority,
        prices=tuple(scope.prices),
        plans=tuple(scope.plans),
        meters=tuple(scope.meters),
        given_at=instant_text(grant.given_at),
        effective_at=instant_text(grant.effective_at),
        expires_at="" if grant.expires_at is None else instant_text(grant.expires_at),
        recurs=None if grant.recurs is None else _wire_from_recurrence(grant.recurs),
        sold_minor=None if sold is None else sold.minor,
        sold_currency="" if sold is None else sold.currency.code,
        sold_exponent=0 if sold is None else sold.currency.exponent,
        legal_entity=grant.legal_entity,
        origin=grant.origin,
        name=grant.name,
    )


def grant_from_wire(wire: GrantDocument) -> Grant:
    """
    Return the grant that was kept.

    Raises:
        Misuse, ValueError: a number, an instant or a name that cannot be.
    """
    return Grant(
        key=GrantKey(wire.key),
        account=AccountKey(wire.account),
        kind=GrantKind(wire.kind),
        treatment=Treatment(wire.treatment),
        amount=parse_decimal(wire.amount),
        of=_holding(wire),
        priority=wire.priority,
        scope=Scope(
            prices=tuple(map(PriceKey, wire.prices)),
            plans=tuple(map(PlanKey, wire.plans)),
            meters=tuple(map(MeterKey, wire.meters)),
        ),
        given_at=instant(wire.given_at),
        effective_at=instant(wire.effective_at),
        expires_at=_instant_or_none(wire.expires_at),
        recurs=None if wire.recurs is None else recurrence_from_wire(wire.recurs),
        sold_for=None
        if wire.sold_minor is None
        else Money(
            minor=wire.sold_minor,
            currency=Currency(code=wire.sold_currency, exponent=wire.sold_exponent),
        ),
        legal_entity=wire.legal_entity,
        origin=wire.origin,
        name=wire.name,
    )


def recurrence_from_wire(wire: RecurrenceDocument) -> Recurrence:
    """
    Return how a grant comes anew.

    Raises:
        Misuse, ValueError: an interval, a date or a number that cannot be.
    """
    lasts = None
    if wire.rollover_every:
        lasts = Interval(count=wire.rollover_count, of=IntervalUnit(wire.rollover_every))
    return Recurrence(
        interval=Interval(count=wire.count, of=IntervalUnit(wire.every)),
        anchor=date.fromisoformat(wire.anchor),
        zone=wire.zone,
        rollover_max=parse_decimal(wire.rollover_max) if wire.rollover_max else None,
        rollover_lasts=lasts,
    )


def wire_from_movement(movement: Movement) -> MovementDocument:
    """Return a movement as it is kept."""
    return MovementDocument(
        key=movement.key,
        kind=movement.kind.value,
        at=instant_text(movement.at),
        parts=tuple(
            PartDocument(grant=part.lot.grant, number=part.lot.number, amount=plain(part.amount))
            for part in movement.parts
        ),
        of=movement.of,
        source=movement.source,
    )


def movement_from_wire(wire: MovementDocument) -> Movement:
    """
    Return the movement that was kept.

    Raises:
        Misuse, ValueError: a number, an instant or a name that cannot be.
    """
    return Movement(
        key=wire.key,
        kind=MovementKind(wire.kind),
        at=instant(wire.at),
        parts=tuple(map(_part, wire.parts)),
        of=wire.of,
        source=wire.source,
    )


def wire_from_history(history: CreditHistory) -> HistoryDocument:
    """Return all facts as they are kept."""
    return HistoryDocument(
        grants=tuple(map(wire_from_grant, history.grants)),
        voids=tuple(
            VoidDocument(grant=void.grant, at=instant_text(void.at), reason=void.reason)
            for void in history.voids
        ),
        movements=tuple(map(wire_from_movement, history.movements)),
    )


def history_from_wire(wire: HistoryDocument) -> CreditHistory:
    """
    Return the facts that were kept.

    Raises:
        Misuse, ValueError: a number, an instant or a name that cannot be.
    """
    return CreditHistory(
        grants=tuple(map(grant_from_wire, wire.grants)),
        voids=_voids(wire.voids),
        movements=tuple(map(movement_from_wire, wire.movements)),
    )


def _voids(wires: Iterable[VoidDocument]) -> tuple[Void, ...]:
    return tuple(
        Void(grant=GrantKey(wire.grant), at=instant(wire.at), reason=wire.reason) for wire in wires
    )


def _part(wire: PartDocument) -> Part:
    lot = LotId(grant=GrantKey(wire.grant), number=wire.number)
    return Part(lot=lot, amount=parse_decimal(wire.amount))


def _holding(wire: GrantDocument) -> Holding:
    if wire.unit:
        return Unit(name=wire.unit)
    return Currency(code=wire.currency, exponent=wire.exponent)


def _instant_or_none(text: str) -> datetime | None:
    return instant(text) if text else None


def _wire_from_recurrence(recurs: Recurrence) -> RecurrenceDocument:
    lasts, most = recurs.rollover_lasts, recurs.rollover_max
    return RecurrenceDocument(
        every=recurs.interval.of.value,
        count=recurs.interval.count,
        anchor=recurs.anchor.isoformat(),
        zone=recurs.zone,
        rollover_max="" if most is None else plain(most),
        rollover_every="" if lasts is None else lasts.of.value,
        rollover_count=1 if lasts is None else lasts.count,
    )

"""Shows the rules, holds and floors of a workspace, and what the law asks of its legal entities."""

from dataclasses import dataclass

from tallystick.app.command import Caller, missing_scope
from tallystick.app.keys import Scope
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.kernel import Done, Outcome, Refused
from tallystick.retention import (
    LegalHold,
    RetentionFloor,
    RetentionRule,
    StatutoryMinimum,
    minimum_of,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityMinimum:
    """What the law of a legal entity's country asks to be kept."""

    legal_entity: str
    country: str
    minimum: StatutoryMinimum


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionState:
    """
    How long what is kept.

    Attributes:
        holds: in the order of their placing, released ones included.
        minimums: by legal entity. Invoices, journal and audit are never removed by this program;
            the years say how long whoever removes an installation has to keep them.
    """

    rules: tuple[RetentionRule, ...]
    holds: tuple[LegalHold, ...]
    floors: tuple[RetentionFloor, ...]
    minimums: tuple[EntityMinimum, ...]


def show_retention(caller: Caller, *, uow: UnitOfWork) -> Outcome[RetentionState]:
    """
    Return what retention rests on.

    Problems:
        forbidden: the caller does not hold the scope ``admin``.
    """
    unpermitted = missing_scope(caller, Scope.ADMIN)
    if unpermitted is not None:
        return Refused((unpermitted,))
    with uow:
        entities = uow.catalog.load_definitions().legal_entities
        return Done(
            RetentionState(
                rules=uow.retention.rules(),
                holds=uow.retention.holds(),
                floors=uow.retention.floors(),
                minimums=tuple(
                    EntityMinimum(
                        legal_entity=key,
                        country=entity.country,
                        minimum=minimum_of(entity.country),
                    )
                    for key, entity in sorted(entities.items())
                ),
            )
        )

"""The command behind `tallystick quota compare`: all open counters beside what they should be."""

from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from tallystick.app.carrying_out import Decided, Effect, as_json, carried_out
from tallystick.app.clock import Clock
from tallystick.app.command import Caller, missing_scope
from tallystick.app.keys import Scope
from tallystick.app.quotas.checking import TOGETHER_MAX, CheckedQuotas, check_quotas
from tallystick.app.quotas.desk import Desks
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.kernel import Done, Outcome, Refused, WorkspaceId

SHOWN_MAX = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class CompareQuotas:
    """Compare every limit that is enforced with what is granted; ``repair`` mends what differs."""

    repair: bool = False


class DifferenceFound(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was enforced otherwise than it should be; texts for people."""

    account: str
    feature: str
    what: str
    enforced: str
    expected: str


class ComparedQuotas(msgspec.Struct, frozen=True, kw_only=True):
    """How many counters were looked at, how much differed, what, and if it was mended."""

    counters: int
    differing: int
    differences: tuple[DifferenceFound, ...]
    repaired: bool


def compare_quotas(
    command: CompareQuotas,
    *,
    caller: Caller,
    units: Callable[[WorkspaceId], UnitOfWork],
    desks: Desks,
    clock: Clock,
) -> Outcome[ComparedQuotas]:
    """
    Compare counters of a workspace with what they are views of, some in each transaction.

    Problems:
        forbidden: the caller lacks the scope ``admin``.
        Those of an idempotency key.

    Raises:
        EngineUnavailable: the projection is behind; what was mended until then stays so.
    """
    unpermitted = missing_scope(caller, Scope.ADMIN)
    if unpermitted is not None:
        return Refused((unpermitted,))
    with units(caller.workspace) as uow:
        keys = [one.key for one in uow.counters.open(None, at=clock.now())]
    parts: list[CheckedQuotas] = []
    for first in range(0, len(keys), TOGETHER_MAX):
        with units(caller.workspace) as uow:
            some = keys[first : first + TOGETHER_MAX]
            parts.append(
                check_quotas(some, at=clock.now(), uow=uow, desks=desks, mend=command.repair)
            )
            if command.repair:
                uow.commit()
    compared = _compared(parts, command)
    return _told(compared, command, caller=caller, uow=units(caller.workspace), clock=clock)


def _compared(parts: list[CheckedQuotas], command: CompareQuotas) -> ComparedQuotas:
    found = [difference for part in parts for difference in part.differences]
    return ComparedQuotas(
        counters=sum(part.counters for part in parts),
        differing=len(found),
        differences=tuple(
            DifferenceFound(
                account=one.account,
                feature=one.feature,
                what=one.what.value,
                enforced=one.enforced,
                expected=one.expected,
            )
            for one in found[:SHOWN_MAX]
        ),
        repaired=command.repair,
    )


def _told(
    compared: ComparedQuotas,
    command: CompareQuotas,
    *,
    caller: Caller,
    uow: UnitOfWork,
    clock: Clock,
) -> Outcome[ComparedQuotas]:
    """Note in the audit what was mended, and keep the answer."""
    if not command.repair:
        return Done(compared)

    def decide() -> Decided[ComparedQuotas]:
        details = {"counters": compared.counters, "differing": compared.differing}
        return Effect(answer=compared, subject="quotas", at=clock.now(), details=details)

    return carried_out(command, decide, caller=caller, uow=uow, kept=as_json(ComparedQuotas))

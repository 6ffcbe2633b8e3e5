"""Sets for how long events of a type are taken and kept."""

from dataclasses import dataclass
from datetime import datetime

from tallystick.app.carrying_out import Decided, Effect, Kept, carried_out
from tallystick.app.clock import Clock
from tallystick.app.command import Caller, missing_scope
from tallystick.app.keys import Scope
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.kernel import Done, Outcome, Problem, Refused
from tallystick.metering import RESERVED_TYPES
from tallystick.retention import DAYS_MAX, RetentionRule

TYPE_LENGTH_MAX = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class SetRetention:
    """
    Take and keep events of a type for so many days of age.

    Attributes:
        event_type: a CloudEvents type, or ``*`` for all that have no rule of their own.
        days: 0 for ever; None: no rule of its own, so that the one for ``*`` applies.
    """

    event_type: str
    days: int | None


def set_retention(
    command: SetRetention, *, caller: Caller, uow: UnitOfWork, clock: Clock
) -> Outcome[tuple[RetentionRule, ...]]:
    """
    Set or forget a rule, and return all rules as they are then.

    The gate follows within seconds; nothing is removed by it. A rule that says what stands already
    keeps the instant since when it stands.

    Problems:
        forbidden: the caller does not hold the scope ``admin``.
        wrong_value: no possible type, or days outside 0 to 36,525.
        Those of an idempotency key.
    """
    refused = missing_scope(caller, Scope.ADMIN) or _problem(command)
    if refused is not None:
        return Refused((refused,))
    now = clock.now()

    def decide() -> Decided[tuple[RetentionRule, ...]]:
        uow.retention.lock()
        _apply(uow, command, now=now)
        subject = f"retention:{command.event_type}"
        details = {"event_type": command.event_type, "days": command.days}
        return Effect(answer=uow.retention.rules(), subject=subject, at=now, details=details)

    kept = Kept(write=lambda _: b"", read=lambda _: Done(uow.retention.rules()))
    return carried_out(command, decide, caller=caller, uow=uow, kept=kept)


def _apply(uow: UnitOfWork, command: SetRetention, *, now: datetime) -> None:
    if command.days is None:
        uow.retention.remove_rule(command.event_type)
        return
    stood = next(
        (rule for rule in uow.retention.rules() if rule.event_type == command.event_type), None
    )
    if stood is None or stood.days != command.days:
        rule = RetentionRule(event_type=command.event_type, days=command.days, set_at=now)
        uow.retention.save_rule(rule)


def _problem(command: SetRetention) -> Problem | None:
    event_type = command.event_type
    if not 0 < len(event_type) <= TYPE_LENGTH_MAX or not event_type.isprintable():
        message = f"an event type has 1 to {TYPE_LENGTH_MAX} printable characters"
        return Problem(code="wrong_value", message=message, field="event_type")
    if event_type.startswith(RESERVED_TYPES):
        message = f"types that begin with {RESERVED_TYPES} are corrections, which are always kept"
        return Problem(code="wrong_value", message=message, field="event_type")
    if command.days is not None and not 0 <= command.days <= DAYS_MAX:
        message = f"1 to {DAYS_MAX} days, or 0 for ever"
        return Problem(code="wrong_value", message=message, field="days")
    return None

"""Reading what becomes of use beyond a limit, from ``overage`` of what is granted."""

from collections.abc import Mapping
from decimal import Decimal

from tallystick.catalog.features.overage import (
    NO_GRACE,
    Grace,
    Overage,
    OverageAction,
    overage_problems,
)
from tallystick.catalog.features.slowing import (
    PROTECTION_MINUTES_MAX,
    Protection,
    RateUnit,
    Throttle,
)
from tallystick.catalog.fields import (
    DAYS_MAX,
    FLAG,
    KEY,
    NUMBER,
    WHOLE,
    Fields,
    choose,
    read_alone,
)
from tallystick.kernel import InvariantBroken, Outcome, Refused

_BLOCKED = f"{OverageAction.BLOCK}_"


def read_overage(fields: Fields, limit: Decimal | None) -> Overage | None:
    """
    Read ``overage``; ``action: block_uploads`` is block of operation uploads.

    Args:
        fields: of what one layer grants.
        limit: that it grants.
    """
    if not fields.has("overage"):
        return None
    inner = fields.inside("overage")
    action, operation = _action(inner)
    overage = Overage(
        action=action,
        operation=operation,
        throttle=_read_throttle(inner) if inner.has("throttle") else None,
        grace=_read_grace(inner) if inner.has("grace") else NO_GRACE,
        hard_limit=inner.read_or("hard_limit", NUMBER, None),
        notify=inner.read_or("notify", FLAG, default=True),
        offer=inner.read_or("offer", FLAG, default=False),
        upgrade_to=inner.read_or("upgrade_to", KEY, ""),
    )
    if inner.sound:
        for problem in overage_problems(overage, limit):
            inner.note(problem.code, problem.message, problem.field)
    inner.finish()
    return overage


def read_protection(fields: Fields) -> Protection | None:
    """Read ``anomalies``: ``throttle`` to a rate, or ``block: true``, for ``minutes``."""
    if not fields.has("anomalies"):
        return None
    inner = fields.inside("anomalies")
    throttle = _read_throttle(inner) if inner.has("throttle") else None
    blocks = inner.read_or("block", FLAG, default=False)
    minutes = inner.read_or("minutes", WHOLE, Protection().minutes)
    if inner.sound and (throttle is None) is not blocks:
        message = '"anomalies" says "throttle" (limit, per) or "block: true"; write one of them'
        inner.note("wrong_value", message, "throttle")
    if not 0 < minutes <= PROTECTION_MINUTES_MAX:
        inner.note("wrong_value", f'"minutes" is 1 to {PROTECTION_MINUTES_MAX}', "minutes")
    inner.finish()
    return Protection(throttle=throttle, minutes=minutes)


def throttle_from_document(document: Mapping[str, object]) -> Outcome[Throttle]:
    """
    Read a throttle that somebody asks for by itself.

    Problems:
        unknown_field, missing_field, wrong_type, wrong_value, with the path from ``throttle`` on.

    >>> throttle_from_document({"limit": "2", "per": "minute"}).value.per
    <RateUnit.MINUTE: 'minute'>
    """
    return read_alone({"throttle": dict(document)}, _read_throttle)


def read_throttle(document: Mapping[str, object]) -> Throttle:
    """
    Return the throttle that a stored document holds.

    Raises:
        InvariantBroken: it is not one that was written by `throttle_document`.
    """
    read = throttle_from_document(document)
    if isinstance(read, Refused):
        raise InvariantBroken(f"a stored throttle cannot be read: {read.problems[0].message}")
    return read.value


def read_positive(fields: Fields, name: str) -> Decimal | None:
    """Read a number of more than 0 that may be absent."""
    number = fields.read_or(name, NUMBER, None)
    if number is not None and number <= 0:
        fields.note("wrong_value", f'"{name}" must be a number of more than 0', name)
    return number


def _action(fields: Fields) -> tuple[OverageAction, str]:
    operation = fields.read_or("operation", KEY, "")
    word = fields.raw("action")
    if isinstance(word, str) and word.startswith(_BLOCKED) and not operation:
        named = Fields(
            {"action": word.removeprefix(_BLOCKED)}, path=fields.path, problems=fields.problems
        )
        return OverageAction.BLOCK, named.read("action", KEY)
    return OverageAction(choose(fields, "action", [*OverageAction])), operation


def _read_throttle(fields: Fields) -> Throttle:
    inner = fields.inside("throttle")
    throttle = Throttle(
        limit=_needed(inner, "limit"),
        per=RateUnit(choose(inner, "per", [*RateUnit])),
        burst=read_positive(inner, "burst"),
    )
    inner.finish()
    return throttle


def _needed(fields: Fields, name: str) -> Decimal:
    return read_positive(fields, name) or fields.read(name, NUMBER)


def _read_grace(fields: Fields) -> Grace:
    inner = fields.inside("grace")
    grace = Grace(
        days=_up_to(inner, "days", DAYS_MAX),
        percent=read_positive(inner, "percent"),
        units=read_positive(inner, "units"),
    )
    if inner.sound and grace == NO_GRACE:
        message = '"grace" says "days", "percent" or "units"; each that is said bounds it'
        fields.note("missing_field", message, "grace")
    inner.finish()
    return grace


def _up_to(fields: Fields, name: str, most: int) -> int | None:
    number = fields.read_or(name, WHOLE, None)
    if number is not None and number > most:
        fields.note("wrong_value", f'"{name}" must be 1 to {most}', name)
    return number

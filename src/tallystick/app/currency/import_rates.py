"""Imports published rates: new ones are added, known ones stay as they are."""

from dataclasses import dataclass

import msgspec

from tallystick.app.audit import audit_record
from tallystick.app.clock import Clock
from tallystick.app.command import Caller, missing_scope, remember, remembered
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.currency import PublishedRate
from tallystick.kernel import Done, Outcome, Problem, Refused, canonical_json, plain, refuse

BATCH_MAX = 20_000
SHOWN_MAX = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportRates:
    """Add published rates, at most 20,000 at once, of one source."""

    rates: tuple[PublishedRate, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RatesImported:
    """
    What an import did.

    Attributes:
        added: rates that are new.
        unchanged: rates that stood already, with the same value.
        conflicts: rates that stand with another value, and stay; the first 20 are described.
    """

    added: int
    unchanged: int
    conflicts: int
    described: tuple[str, ...] = ()


def import_rates(
    command: ImportRates, *, caller: Caller, uow: UnitOfWork, clock: Clock
) -> Outcome[RatesImported]:
    """
    Add rates; what stands is never changed, and a differing repeat is a conflict and reported.

    Problems:
        forbidden: the caller lacks the scope ``billing``, or sees one account only.
        wrong_value: none, too many, of several sources, or one of them twice.
        Those of an idempotency key.
    """
    refused = _refused(command, caller)
    if refused is not None:
        return refused
    now = clock.now()
    with uow:
        told = remembered(uow, caller, command)
        if isinstance(told, Refused):
            return told
        if told.value is not None:
            return Done(msgspec.json.decode(told.value, type=RatesImported))
        added = uow.rates.add(command.rates, at=now)
        standing = uow.rates.differing(command.rates)
        done = RatesImported(
            added=added,
            unchanged=len(command.rates) - added - len(standing),
            conflicts=len(standing),
            described=tuple(_described(each) for each in standing[:SHOWN_MAX]),
        )
        if added:
            source = command.rates[0].source
            days = [rate.day for rate in command.rates]
            details = {"added": added, "first": str(min(days)), "last": str(max(days))}
            subject = f"rates:{source}"
            record = audit_record(caller, command, subject=subject, at=now, details=details)
            uow.audit.append(record)
        remember(uow, caller, command, canonical_json(done))
        uow.commit()
    return Done(done)


def _refused(command: ImportRates, caller: Caller) -> Refused | None:
    unpermitted = missing_scope(caller, "billing")
    if unpermitted is not None:
        return Refused((unpermitted,))
    if caller.account is not None:
        return refuse("forbidden", "rates are not open to a key of one account")
    problem = _problem(command)
    return None if problem is None else Refused((problem,))


def _problem(command: ImportRates) -> Problem | None:
    message = ""
    if not 0 < len(command.rates) <= BATCH_MAX:
        message = f"1 to {BATCH_MAX} rates at once, not {len(command.rates)}"
    elif len({rate.source for rate in command.rates}) > 1:
        message = "rates of one source at once"
    elif len({(rate.base, rate.quote, rate.day) for rate in command.rates}) < len(command.rates):
        message = "a pair stands twice for one day"
    return Problem(code="wrong_value", message=message, field="rates") if message else None


def _described(rate: PublishedRate) -> str:
    return f"{rate.source}, {rate.day}: 1 {rate.base} = {plain(rate.rate)} {rate.quote} stands"

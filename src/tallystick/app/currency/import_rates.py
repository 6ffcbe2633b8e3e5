"""Imports published rates: new ones are added, known ones stay as they are."""

from dataclasses import dataclass

from tallystick.app.carrying_out import Decided, Effect, Unchanged, as_json, carried_out
from tallystick.app.clock import Clock
from tallystick.app.command import Caller, missing_scope
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.currency import PublishedRate
from tallystick.kernel import Outcome, Problem, Refused, plain, refuse

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

    def decide() -> Decided[RatesImported]:
        added = uow.rates.add(command.rates, at=now)
        standing = uow.rates.differing(command.rates)
        done = RatesImported(
            added=added,
            unchanged=len(command.rates) - added - len(standing),
            conflicts=len(standing),
            described=tuple(_described(each) for each in standing[:SHOWN_MAX]),
        )
        if not added:
            return Unchanged(answer=done)
        days = [rate.day for rate in command.rates]
        details = {"added": added, "first": str(min(days)), "last": str(max(days))}
        subject = f"rates:{command.rates[0].source}"
        return Effect(answer=done, subject=subject, at=now, details=details)

    return carried_out(command, decide, caller=caller, uow=uow, kept=as_json(RatesImported))


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

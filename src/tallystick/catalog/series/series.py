"""
A price series: what a unit costs from each instant on, published one after the other.

    10:00  0.031    11:00  0.045    12:00  0.030    then, as a correction:  11:00  0.040

Facts are added and never changed.  A price is published behind the last one in time, so that what
lies before the last one is complete; whatever else is said of that time is declared as a
correction, with its reason.  Of several facts about one instant the last one counts.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from tallystick.kernel import Done, Outcome, Problem, Refused, instant_text
from tallystick.pricing import DatedRate

FACTS_MAX = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceFact:
    """
    What one unit costs from an instant on, in major units, 0 or more.

    ``corrects``: why the time before the last price is told anew; empty for the next price.
    """

    at: datetime
    unit_price: Decimal
    corrects: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceSeries:
    """
    Prices that somebody publishes.

    Attributes:
        key: natural, immutable.
        currency: of all its prices, fixed.
        unit: what one costs, fixed; empty: whatever the price that follows it counts.
        facts: in the order in which they were published.
    """

    key: str
    name: str = ""
    currency: str
    unit: str = ""
    facts: tuple[PriceFact, ...] = ()


def new_facts(
    standing: Sequence[PriceFact], told: Iterable[PriceFact]
) -> Outcome[tuple[PriceFact, ...]]:
    """
    Return what of told facts is new, in their order; what stands already is left out.

    Args:
        standing: in the order in which they were published.
        told: the same again, further ones behind them, and corrections.

    Problems:
        published: another price, or a further one, for a time before the last price, that is not
            declared as a correction.
        nothing_to_correct: a correction of what no price was published for yet.
        out_of_range: a negative price.
        too_many_prices: a series has at most 100,000 facts.
        The field of each is the number of the fact told: ``[3].at``.

    Example:
        >>> from tallystick.kernel import instant
        >>> ten, noon = (PriceFact(at=instant(f"2026-01-05T{hour}:00:00Z"), unit_price=Decimal(1))
        ...              for hour in (10, 12))
        >>> [fact.at.hour for fact in new_facts([ten], [ten, noon]).value]
        [12]
    """
    known = set(standing)
    last = max((fact.at for fact in standing), default=None)
    found: list[PriceFact] = []
    problems: list[Problem] = []
    for index, fact in enumerate(told):
        if fact in known:
            continue
        problem = _problem(fact, last)
        if problem is not None:
            code, name, message = problem
            problems.append(Problem(code=code, message=message, field=f"[{index}].{name}"))
        known.add(fact)
        found.append(fact)
        last = fact.at if last is None else max(last, fact.at)
    if len(standing) + len(found) > FACTS_MAX:
        message = f"a series has at most {FACTS_MAX} prices; begin another one"
        problems.append(Problem(code="too_many_prices", message=message, field=""))
    return Refused(tuple(problems)) if problems else Done(tuple(found))


def prices_in_force(
    facts: Iterable[PriceFact], *, since: datetime | None = None
) -> tuple[DatedRate, ...]:
    """
    Return the prices that hold, in order of time: of several about one instant the last one told.

    Args:
        facts: in the order in which they were published.
        since: those in force from then on, the one that holds then included; None: all.
    """
    by_instant = {fact.at: fact.unit_price for fact in facts}
    instants = sorted(by_instant)
    if since is not None:
        begun = [at for at in instants if at <= since][-1:]
        instants = [at for at in instants if at >= (begun[0] if begun else since)]
    return tuple(DatedRate(at=at, unit_price=by_instant[at]) for at in instants)


def _problem(fact: PriceFact, last: datetime | None) -> tuple[str, str, str] | None:
    """Return what is wrong with a new fact: code, field and message."""
    if fact.unit_price < 0:
        return "out_of_range", "unit_price", f"must be 0 or more, not {fact.unit_price}"
    if fact.corrects and (last is None or fact.at > last):
        message = "no price was published so late; leave corrects out"
        return "nothing_to_correct", "corrects", message
    if not fact.corrects and last is not None and fact.at <= last:
        message = (
            f"prices up to {instant_text(last)} are published; say with corrects why this one is "
            "told anew, or publish a later one"
        )
        return "published", "at", message
    return None

"""Levels that are billed prorated, told day by day: what a contract's usage comes to so far."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from tallystick.invoicing import (
    Basis,
    Facts,
    Purpose,
    draft_invoice,
    due_items,
    folding,
    questions,
)
from tallystick.invoicing import answer as answered
from tallystick.kernel import Done, MeterKey, Period, SubjectSpan
from tallystick.metering import Aggregation, Dimension, Event, Meter, level_changes
from tests.cases.priced import Tiers, price, tiers
from tests.invoicing.contract import day, plan, subscribed
from tests.invoicing.world import WORKSPACE, event

SEATS = Meter(
    key=MeterKey("seats"),
    event_type="seat",
    aggregation=Aggregation.TIME_WEIGHTED,
    value="seats",
    unit="count",
    negative_allowed=True,
    dimensions=(Dimension(name="id", path="id"),),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """
    A contract and what was added and taken away.

    Attributes:
        changes: each with the local time at which it took effect; a series of its own.
        at: the day on whose evening is asked.
    """

    tiers: Tiers
    start: str
    changes: Sequence[tuple[str, int]]
    at: str
    end: str | None = None
    calendar: bool = True

    def cents(self) -> Decimal:
        """Return what the usage of the running period comes to, in cents."""
        return self.cents_of(self._asked() - timedelta(days=1))

    def cents_of(self, at: datetime) -> Decimal:
        """Return what the usage of the period that an instant lies in comes to, in cents."""
        basis = self._basis()
        period = basis.billing_periods(through=at)[-1].span
        items = due_items(basis, period=period, purpose=Purpose.PERIOD)
        asked = questions(basis, items, position=999, preview_at=min(self._asked(), period.end))
        outcome = draft_invoice(
            Facts(
                basis=basis,
                period=period,
                purpose=Purpose.PERIOD,
                position=999,
                measured=tuple(
                    one for question in asked for one in answered(question, folding(self._events()))
                ),
                tzdata_version="2026a",
            )
        )
        assert isinstance(outcome, Done)
        assert outcome.value.invoice is not None
        return outcome.value.invoice.total.decimal * 100

    def units(self) -> Decimal:
        """Return the level that is held when asked."""
        basis = self._basis()
        period = basis.billing_periods(through=self._asked())[-1].span
        items = due_items(basis, period=period, purpose=Purpose.PERIOD)
        (question,) = questions(basis, items, position=999)
        window = Period(start=period.start, end=self._asked())
        query = replace(question.query, windows=(window,))
        (changes,) = level_changes(query, self._events()).values()
        return sum((one.change for one in changes), Decimal(0))

    def _asked(self) -> datetime:
        return day(self.at) + timedelta(days=1)

    def _basis(self) -> Basis:
        document = {"model": "graduated", "prorated": True, "tiers": tiers(self.tiers)}
        seats = replace(price(document | {"flat_at_zero": True}), meter=SEATS.key)
        sold = plan("p", seats, calendar=self.calendar)
        basis = subscribed(sold, day(self.start), meters=[SEATS]).basis
        end = None if self.end is None else day(self.end)
        return replace(
            basis,
            workspace=WORKSPACE,
            subscription=replace(basis.subscription, end=end),
            spans=(SubjectSpan(subject="acme", start=None, end=None),),
        )

    def _events(self) -> list[Event]:
        return [
            event(
                number,
                f"{day(at):%Y-%m-%dT%H:%M:%SZ}",
                data=f'{{"seats":{change},"id":"{number}"}}',
                type="seat",
                subject="acme",
            )
            for number, (at, change) in enumerate(self.changes, start=1)
        ]

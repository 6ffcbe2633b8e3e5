"""What is agreed on at an instant, as far as a run of billing knows."""

from dataclasses import dataclass
from datetime import datetime

from tests.naive.facts import Change, Every, Gift, Offer, Rate, Year


@dataclass(frozen=True, slots=True, kw_only=True)
class Holds:
    """What is agreed of a key at an instant; ``since``: when its tiers were begun anew."""

    rate: Rate
    quantity: int
    mode: str
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Known:
    """What a run of billing knows of a year."""

    year: Year
    run: int
    used_until: datetime | None = None
    """Usage before this instant alone counts; None: all."""

    @property
    def changes(self) -> list[Change]:
        """Return what has changed, in order of time; at one instant as agreed."""
        known = (one for one in self.year.changes if one.known <= self.run)
        return sorted(known, key=lambda one: one.at)

    @property
    def gifts(self) -> list[Gift]:
        """Return the coupons that were given, in order of time."""
        known = (one for one in self.year.gifts if one.known <= self.run)
        return sorted(known, key=lambda one: one.at)

    @property
    def end(self) -> datetime | None:
        """Return the end of the contract."""
        return self.year.end if self.year.end_known <= self.run else None

    def offer_at(self, at: datetime) -> Offer:
        """Return the offer that holds at an instant."""
        offers = [one.offer for one in self.changes if one.at <= at and one.offer]
        return offers[-1] if offers else self.year.offer


def offers_of(year: Year) -> list[Offer]:
    """Return all offers of a year, in the order in which their lines stand."""
    found = [year.offer, *(one.offer for one in year.changes if one.offer is not None)]
    return [*found, year.extra] if year.extra is not None else found


def in_order(year: Year) -> list[str]:
    """Return all keys, in the order in which their lines stand."""
    return list(dict.fromkeys(rate.key for offer in offers_of(year) for rate in offer.rates))


def what_holds(known: Known, key: str, at: datetime, every: Every | None) -> Holds | None:
    """Return what is agreed of a key with a period of its own, or none, at an instant."""
    year = known.year
    seats, paused, extras = 1, False, 0
    for change in known.changes:
        if change.at <= at:
            seats = seats if change.seats is None else change.seats
            paused = paused if change.paused is None else change.paused
            extras = extras if change.extras is None else change.extras
    offer, times = known.offer_at(at), 1
    if year.extra is not None and any(rate.key == key for rate in year.extra.rates):
        offer, times = year.extra, extras
    rate = next((one for one in offer.rates if (one.key, one.every) == (key, every)), None)
    is_trial = year.trial_end is not None and at < year.trial_end
    if rate is None or paused or not times or (is_trial and rate.of != "usage"):
        return None
    restarts = [one.at for one in known.changes if one.restart and one.at <= at]
    since = max(restarts, default=None) if rate.of == "usage" else None
    quantity = {"seats": seats, "once": times}.get(rate.of, 1)
    return Holds(rate=rate, quantity=quantity, mode=offer.mode, since=since)

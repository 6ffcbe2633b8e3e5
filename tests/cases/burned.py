"""Rows about wallets and balances, read into grants and uses."""

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal

from tallystick.credits import (
    BonusSlab,
    CreditHistory,
    Debit,
    Grant,
    GrantKind,
    Recurrence,
    TakenStep,
    TopUpRule,
    TopUpStep,
    Treatment,
    balance,
    bonus,
    burn,
    grant_problems,
    next_step,
    outgone,
    standing,
    worth,
)
from tallystick.kernel import (
    Done,
    Interval,
    IntervalUnit,
    Money,
    Period,
    Refused,
    currency,
    instant,
)
from tests.credits.holding import EUR, START, day, exact, grant, held, left, used
from tests.notation import Row, numbers

MONTH = Interval(count=1, of=IntervalUnit.MONTH)
MONTHLY = Recurrence(interval=MONTH, anchor=date(2026, 1, 1))
JANUARY = Period(start=START, end=instant("2026-02-01T00:00:00Z"))
USD = currency("USD")


def check_debit(row: Row) -> None:
    """A debit takes of the credits in burn order; the row tells what is left of each it touched."""
    setup, _, debit = row["setup"].partition("; debit ")
    credits_ = [
        _credit(number, amount, terms)
        for number, (amount, terms) in enumerate(re.findall(r"(\d+) \(([^)]*)\)", setup))
    ]
    after = left(used(held(*credits_), debit, 1), 1)
    assert sum(after.values()) == numbers(row["expected"])[0]
    by_amount = {str(one.amount): after[one.key] for one in credits_}
    moves = re.findall(r"(\d+) → (\d+)", row["expected"])
    assert moves
    assert {amount: by_amount[amount] for amount, _ in moves} == {
        amount: Decimal(rest) for amount, rest in moves
    }
    untouched = by_amount.keys() - {amount for amount, _ in moves}
    assert all(by_amount[amount] == Decimal(amount) for amount in untouched)


def _credit(number: int, amount: str, terms: str) -> Grant:
    priority = re.search(r"\bp(\d+)", terms)
    until = re.search(r"\d{4}-\d\d-\d\d", terms)
    ends = instant(f"{until[0]}T00:00:00Z") if until else None
    given = grant(f"g{number}", amount)
    if priority is not None:
        given = replace(given, priority=int(priority[1]))
    return replace(given, expires_at=day(300) if terms.endswith("expires") else ends)


def check_expired(row: Row) -> None:
    """A grant that has expired when it is given is refused."""
    assert row["expected"] == "rejected"
    late = grant("g", 10, 5, effective_at=day(0), given_at=day(6))
    assert [problem.code for problem in grant_problems(late)] == ["already_expired"]


def check_nothing_usable(row: Row) -> None:
    """A debit without anything to take is refused."""
    assert row["expected"] == "insufficient balance"
    outcome = burn(CreditHistory(), Debit(key="d", at=day(1), amount=Decimal(50), of=EUR))
    assert isinstance(outcome, Refused)
    assert outcome.problems[0].code == "insufficient_credit"


def check_same_key(row: Row) -> None:
    """A debit of a name counts once."""
    assert row["expected"] == "one debit"
    history = used(used(held(grant("g", 50)), 20, 1, "d"), 20, 1, "d")
    assert (len(history.movements), balance(history, day(1), EUR)) == (1, Decimal(30))


SLABS = (
    BonusSlab(from_amount=Decimal(1000), percent=Decimal(10)),
    BonusSlab(from_amount=Decimal(5000), amount=Decimal(750)),
)


def _dollars(amount: Decimal | int) -> Money:
    return Money(minor=int(amount * 100), currency=USD)


def check_slabs(row: Row) -> None:
    """The highest slab that was reached gives its percentage or its amount."""
    assert row["setup"].startswith("bonus: from 1000 10 %, from 5000 flat 750; top-up")
    paid = numbers(row["setup"])[-2:]
    assert [bonus(_dollars(each), SLABS).decimal for each in paid] == numbers(row["expected"])


def check_said(row: Row) -> None:
    """What was said outright is what is given; nothing said outright gives no bonus."""
    assert row["expected"].startswith("used")
    assert bonus(_dollars(3000), SLABS, said=_dollars(5)) == _dollars(5)
    assert bonus(_dollars(3000), SLABS, said=_dollars(0)) == _dollars(0)


def month(number: int) -> int:
    """Return the day on which a month begins, counted from January 1."""
    return (date(2026, number, 1) - date(2026, 1, 1)).days


POOL = held(grant("monthly", 500, recurs=MONTHLY), grant("lifetime", 200))


def check_pool(row: Row) -> None:
    """Monthly credit, which ends sooner, goes before that which never does, and comes anew."""
    spent = used(POOL, 400, 3) if row.id == "MA-038" else used(used(POOL, 400, 3), 200, 4)
    after = left(spent, month(2) if row.id == "MA-040" else 5)
    monthly, lifetime = numbers(row["expected"])[:2]
    assert after == {"monthly": monthly, "lifetime": lifetime}


def check_soonest(row: Row) -> None:
    """Of two grants the one that expires sooner goes first, one that never does last."""
    assert row["expected"] == "soonest expiry first; no expiry last"
    history = used(held(grant("never", 5), grant("late", 5, 20), grant("soon", 5, 10)), 7, 1)
    assert left(history, 1) == {"never": 5, "late": 3, "soon": 0}


def _rolling(amount: int, cap: Decimal | None, lasts: Interval | None = None) -> CreditHistory:
    recurs = replace(MONTHLY, rollover_max=cap, rollover_lasts=lasts)
    return held(grant("m", amount, recurs=recurs))


def _lots(history: CreditHistory, on: int) -> list[Decimal]:
    return [one.left for one in standing(history, day(on))]


def check_rolled(row: Row) -> None:
    """What is left of a month is added to the next, and is used before it."""
    history = used(_rolling(1000, None), 600, 5)
    if row.id == "MA-042":
        assert balance(history, day(month(2)), EUR) == numbers(row["expected"])[-1]
    else:
        assert _lots(used(history, 300, month(2)), month(2)) == numbers(row["expected"])


def check_trimmed(row: Row) -> None:
    """Above the cap the oldest is lost."""
    old, older, new = _lots(_rolling(1500, numbers(row["situation"])[0]), month(3))
    assert old + older == numbers(row["expected"])[0]
    assert [old, older, new] == exact(500, 1500, 1500)


def check_removed(row: Row) -> None:
    """What rolled over is gone a month after it did."""
    assert row["expected"] == "removed one month after creation"
    history = used(_rolling(1000, None, MONTH), 600, 5)
    assert _lots(history, month(3) - 1) == [400, 1000]
    assert _lots(history, month(3)) == [0, 1000, 1000]


def check_bought(row: Row) -> None:
    """One purchase as the balance falls below the threshold, also in a burst of uses."""
    threshold, more, before, use = numbers(row["situation"])[:4]
    rule = TopUpRule(threshold=threshold, times_max=5)
    history = held(grant("g", before))
    taken: list[TakenStep] = []
    for number in range(10):
        history = used(history, use if number == 0 else 1, 1)
        now = balance(history, day(1), EUR)
        step = next_step(rule, taken, balance=now, month=JANUARY)
        if step is not None:
            taken.append(TakenStep(at=day(1), step=step))
        if step is TopUpStep.BOUGHT:
            history = history.granted(grant(f"more{number}", more))
    assert row["expected"].startswith("one purchase")
    assert [one.step for one in taken] == [TopUpStep.BOUGHT, TopUpStep.RECOVERED]


def check_limited(row: Row) -> None:
    """The sixth crossing of a month buys nothing and is told once."""
    (limit,) = numbers(row["situation"])
    rule = TopUpRule(threshold=Decimal(500), times_max=int(limit))
    taken: list[TakenStep] = []
    for _ in range(8):
        for now in (Decimal(490), Decimal(1490)):
            step = next_step(rule, taken, balance=now, month=JANUARY)
            assert step is not None
            taken.append(TakenStep(at=day(1), step=step))
    steps = [one.step for one in taken[::2]]
    assert steps == [TopUpStep.BOUGHT] * 5 + [TopUpStep.BLOCKED] + [TopUpStep.MUTED] * 2
    assert row["expected"] == "refused, one failure notice per blocked window"


def check_replayed(row: Row) -> None:
    """A debit whose key comes again is answered as it was, and takes nothing more."""
    assert row["expected"].endswith("ours should replay the original answer")
    debit = Debit(key="d", at=day(1), amount=Decimal(20), of=EUR)
    first = burn(held(grant("g", 50)), debit)
    assert isinstance(first, Done)
    history = held(grant("g", 50)).moved(first.value)
    assert burn(history, debit) == first


def check_wallet(row: Row) -> None:
    """Sold credit is earned as it is used, and owed for the rest."""
    bought, consumed = numbers(row["inputs"])
    wallet = grant(
        "w", bought, kind=GrantKind.PAID, treatment=Treatment.PREPAID_TAXED, legal_entity="main"
    )
    history = used(held(wallet), consumed, 14)
    (gone,) = outgone(history, day(31)).values()
    owed = worth(wallet, left(history, 31)["w"])
    assert owed is not None
    assert [gone.used.decimal, owed.decimal] == numbers(row["expected (currency units)"])

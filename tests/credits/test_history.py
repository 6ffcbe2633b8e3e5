"""Credit over time: what may be used, what lapses, what comes back."""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.credits import (
    CreditHistory,
    Debit,
    GiveBack,
    GrantKey,
    GrantKind,
    HistoryDocument,
    Lapse,
    LapseKind,
    LotId,
    MovementKind,
    Part,
    Recurrence,
    Scope,
    TransactionKind,
    Treatment,
    Use,
    Void,
    balance,
    burn,
    default_treatment,
    give_back,
    grant_problems,
    history_from_wire,
    lots_of,
    next_lot_at,
    outgone,
    standing,
    supplies_at,
    taken_by,
    transactions,
    whole_money,
    wire_from_history,
    worth,
)
from tallystick.kernel import (
    Done,
    Interval,
    IntervalUnit,
    Misuse,
    Money,
    PriceKey,
    Refused,
    currency,
    instant,
    unit,
)
from tests.credits.holding import EUR, START, day, grant, held, left, returned, used

MONTH = Interval(count=1, of=IntervalUnit.MONTH)
MONTHLY = Recurrence(interval=MONTH, anchor=date(2026, 1, 1))


def at(text: str) -> datetime:
    """Return the midnight of a date."""
    return instant(f"{text}T00:00:00Z")


def test_an_end_belongs_to_nobody() -> None:
    """A lot is used up to its end, and not at it; what it holds then has expired."""
    history = held(grant("a", 10, 10))
    late = burn(history, Debit(key="d", at=day(10), amount=Decimal(1), of=EUR))
    assert isinstance(late, Refused)
    assert late.problems[0].code == "insufficient_credit"
    assert balance(used(history, 10, 9), day(9), EUR) == 0
    (one,) = standing(history, day(10))
    assert one.lapses == (
        Lapse(
            lot=LotId(grant=GrantKey("a")), at=day(10), amount=Decimal(10), kind=LapseKind.EXPIRED
        ),
    )


def test_a_debit_is_all_or_nothing() -> None:
    """What exceeds the credit takes nothing, and says how much there is."""
    outcome = burn(held(grant("a", 10)), Debit(key="d", at=day(1), amount=Decimal(11), of=EUR))
    assert isinstance(outcome, Refused)
    assert outcome.problems[0].message == "only 10 EUR of 11 EUR may be used"


def test_a_key_names_one_debit() -> None:
    """The same debit again is the same movement; another one of its name is refused."""
    history = used(held(grant("a", 10)), 4, 1, "d")
    again = burn(history, Debit(key="d", at=day(1), amount=Decimal(4), of=EUR))
    assert again == Done(history.movements[0])
    other = burn(history, Debit(key="d", at=day(1), amount=Decimal(5), of=EUR))
    assert isinstance(other, Refused)
    assert other.problems[0].code == "key_conflict"


def test_what_later_uses_need_is_not_free_before() -> None:
    """A use for a past instant takes only what is still there after those recorded before it."""
    history = used(held(grant("a", 10)), 7, 5)
    assert balance(history, day(2), EUR) == 10
    assert [one.free for one in supplies_at(history, day(2))] == [3]
    assert balance(used(history, 3, 2), day(6), EUR) == 0


def test_a_use_recorded_late_makes_less_expire() -> None:
    """What has expired moves with what is recorded later for instants before the end."""
    history = used(held(grant("a", 10, 10)), 4, 5)
    (before,) = standing(history, day(12))
    (after,) = standing(used(history, 4, 6), day(12))
    assert [before.lapses[0].amount, after.lapses[0].amount] == [6, 2]


def test_what_comes_back_too_late_lapses() -> None:
    """What is given back to a lot behind its end expires at that instant."""
    history = returned(used(held(grant("a", 10, 10)), 4, 5, "d"), 3, 12, "d")
    (one,) = standing(history, day(20))
    assert [(lapse.at, lapse.amount) for lapse in one.lapses] == [
        (day(10), Decimal(6)),
        (day(12), Decimal(3)),
    ]
    assert balance(history, day(12), EUR) == 0


def test_no_more_comes_back_than_was_taken() -> None:
    """Several returns of one use come to it at most, and none counts before it."""
    history = returned(used(held(grant("a", 10)), 4, 5, "d"), 3, 6, "d")
    for back, code in (
        (GiveBack(key="b", of="d", at=day(7), amount=Decimal(2)), "more_than_taken"),
        (GiveBack(key="b", of="d", at=day(4), amount=Decimal(1)), "before_taken"),
        (GiveBack(key="b", of="x", at=day(7), amount=Decimal(1)), "unknown_movement"),
        (GiveBack(key="b", of="back-1", at=day(7), amount=Decimal(1)), "unknown_movement"),
        (GiveBack(key="d", of="d", at=day(7), amount=Decimal(1)), "key_conflict"),
    ):
        outcome = give_back(history, back)
        assert isinstance(outcome, Refused)
        assert outcome.problems[0].code == code
    same = GiveBack(key="back-1", of="d", at=day(6), amount=Decimal(3))
    assert give_back(history, same) == Done(history.movements[1])


def test_a_void_ends_a_grant() -> None:
    """From the void on nothing is left; what was used before stays used."""
    history = used(held(grant("a", 10, 20)), 4, 5).voided(Void(grant=GrantKey("a"), at=day(7)))
    (one,) = standing(history, day(30))
    assert [(lapse.amount, lapse.kind) for lapse in one.lapses] == [(Decimal(6), LapseKind.VOIDED)]
    assert history.void_of(GrantKey("a")) is not None
    assert balance(history, day(6), EUR) == 6
    kinds = [each.kind for each in transactions(history, day(30))]
    assert kinds == [TransactionKind.FUNDED, TransactionKind.CONSUMED, TransactionKind.VOIDED]


def test_a_void_takes_what_uses_of_its_instant_leave() -> None:
    """Given, used and void at one instant: the use stands, the rest is void."""
    history = used(held(grant("a", 10)), 4, 0).voided(Void(grant=GrantKey("a"), at=day(0)))
    (one,) = standing(history, day(0))
    assert [one.left, *(lapse.amount for lapse in one.lapses)] == [0, 6]
    assert supplies_at(history, day(0)) == ()


def test_a_void_before_the_start_leaves_nothing() -> None:
    """A grant that is voided before it takes effect never holds anything."""
    history = held(grant("a", 10, effective_at=day(5))).voided(Void(grant=GrantKey("a"), at=day(3)))
    assert balance(history, day(6), EUR) == 0


def test_promotional_goes_before_paid() -> None:
    """Of one priority and expiry, what was given is used before what was bought."""
    paid = grant("paid", 10, kind=GrantKind.PAID, treatment=Treatment.PAYMENT)
    assert left(used(held(paid, grant("free", 10)), 4, 1), 1) == {"paid": 10, "free": 6}


def test_each_grant_serves_its_scope() -> None:
    """A debit for a use takes of grants that cover it, one for nothing certain of unbound ones."""
    cpu, gpu = (Use(price=PriceKey(price)) for price in ("cpu", "gpu"))
    history = held(grant("gpu", 10, scope=Scope(prices=(gpu.price,))))
    for use, is_done in ((gpu, True), (cpu, False), (None, False)):
        debit = Debit(key="d", at=day(1), amount=Decimal(1), of=EUR, use=use)
        assert isinstance(burn(history, debit), Done) is is_done


def test_currencies_and_units_are_apart() -> None:
    """Neither pays for the other; a unit is of no currency."""
    hours = grant("h", 10, of=unit("hour"), treatment=Treatment.UNITS)
    history = held(hours, grant("a", 5))
    assert [balance(history, day(1), of) for of in (EUR, unit("hour"), currency("USD"))] == [
        5,
        10,
        0,
    ]
    half = Debit(key="d", at=day(1), amount=Decimal("0.005"), of=unit("hour"))
    assert isinstance(burn(history, half), Done)
    with pytest.raises(Misuse):
        burn(history, replace(half, of=EUR))


def test_a_grant_comes_anew() -> None:
    """Each month holds the whole amount; what was left of the one before has expired."""
    monthly = grant("m", 50, recurs=MONTHLY, effective_at=at("2026-01-10"))
    history = used(held(monthly), 30, 20)
    assert [lot.starts_at for lot in lots_of(monthly, through=at("2026-03-01"))] == [
        at("2026-01-10"),
        at("2026-02-01"),
        at("2026-03-01"),
    ]
    assert balance(history, at("2026-01-31"), EUR) == 20
    assert balance(history, at("2026-02-01"), EUR) == 50


def test_the_next_lot_is_known_ahead() -> None:
    """A grant tells when it holds something anew, until it expires."""
    monthly = grant("m", 50, recurs=MONTHLY, effective_at=at("2026-01-10"))
    once = grant("o", 5, effective_at=day(3))
    ending = replace(monthly, expires_at=at("2026-03-01"))
    assert next_lot_at(monthly, after=START) == at("2026-01-10")
    assert next_lot_at(monthly, after=at("2026-01-10")) == at("2026-02-01")
    assert next_lot_at(ending, after=at("2026-02-01")) is None
    assert [next_lot_at(once, after=day(on)) for on in (2, 3)] == [day(3), None]


def test_no_lot_begins_at_the_end() -> None:
    """A grant that expires at a boundary has no lot there."""
    monthly = grant("m", 50, recurs=MONTHLY, expires_at=at("2026-02-01"))
    assert len(lots_of(monthly, through=at("2026-05-01"))) == 1


def test_what_rolls_over_lasts() -> None:
    """What rolled over ends its time after its own period, however much rolls over later."""
    lasting = replace(MONTHLY, rollover_max=None, rollover_lasts=MONTH)
    history = held(grant("m", 10, recurs=lasting))
    months = ("2026-01-15", "2026-02-15", "2026-03-15", "2026-04-15")
    assert [balance(history, at(month), EUR) for month in months] == [10, 20, 20, 20]


def test_treatment_of_paid_money_is_said() -> None:
    """Only what is promotional, or a quantity, has a treatment of its own accord."""
    assert default_treatment(GrantKind.PAID, EUR) is None
    assert default_treatment(GrantKind.PROMOTIONAL, EUR) is Treatment.DISCOUNT
    assert default_treatment(GrantKind.PAID, unit("hour")) is Treatment.UNITS


PAID = {"kind": GrantKind.PAID, "legal_entity": "main"}


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        ({"amount": Decimal(0)}, "amount"),
        ({"amount": Decimal("0.001")}, "amount"),
        ({"of": unit("hour")}, "treatment"),
        ({"treatment": Treatment.PREPAID_TAXED}, "treatment"),
        ({"priority": -1}, "priority"),
        ({"sold_for": Money(minor=1, currency=EUR)}, "sold_for"),
        ({**PAID, "sold_for": Money(minor=-1, currency=EUR)}, "sold_for"),
        ({**PAID, "of": unit("hour"), "treatment": Treatment.UNITS}, "sold_for"),
        ({**PAID, "recurs": MONTHLY}, "recurs"),
        ({"kind": GrantKind.PAID}, "legal_entity"),
        ({"recurs": replace(MONTHLY, rollover_max=Decimal(-1))}, "recurs.rollover_max"),
        ({"recurs": replace(MONTHLY, rollover_lasts=MONTH)}, "recurs.rollover_lasts"),
        ({"expires_at": START}, "expires_at"),
        ({"effective_at": day(-9), "expires_at": day(-1)}, "expires_at"),
    ],
)
def test_a_contradiction_is_named(terms: dict[str, object], field: str) -> None:
    """A grant that contradicts itself is refused with the field concerned."""
    wrong = replace(grant("g", 10), **terms)  # type: ignore[arg-type]  # fields of a grant, by name
    assert [problem.field for problem in grant_problems(wrong)] == [field]
    assert grant_problems(grant("g", 10)) == ()


def test_worth_adds_up_to_the_price() -> None:
    """Whatever leaves a paid grant in turn is worth exactly what was paid for all of it."""
    sold = Money(minor=1000, currency=EUR)
    bundle = grant("b", 7, kind=GrantKind.PAID, of=unit("hour"), sold_for=sold)
    worths = [worth(bundle, Decimal(held)) for held in range(8)]
    assert worths[0] == Money(minor=0, currency=EUR)
    assert worths[7] == sold
    assert worth(grant("g", 7), Decimal(7)) is None
    assert whole_money(Decimal("1.005"), EUR) is None


AMOUNTS = st.integers(1, 20)
DAYS = st.integers(0, 100)
LASTING = st.one_of(st.none(), st.just(MONTH))
CAPS = st.one_of(st.none(), st.integers(0, 30).map(Decimal))


@st.composite
def histories(draw: st.DrawFn) -> CreditHistory:
    """Grants of every sort, and uses and returns for days in any order."""
    grants = []
    for number in range(draw(st.integers(1, 4))):
        start = draw(DAYS)
        cap = draw(CAPS)
        lasts = None if cap == 0 else draw(LASTING)
        recurs = replace(MONTHLY, rollover_max=cap, rollover_lasts=lasts)
        grants.append(
            grant(
                f"g{number}",
                draw(AMOUNTS),
                draw(st.one_of(st.none(), st.integers(start + 1, 120))),
                effective_at=day(start),
                priority=draw(st.integers(1, 2)),
                recurs=draw(st.sampled_from((None, recurs))),
            )
        )
    history = held(*grants)
    for number in range(draw(st.integers(0, 8))):
        debit = Debit(key=f"d{number}", at=day(draw(DAYS)), amount=Decimal(draw(AMOUNTS)), of=EUR)
        outcome = burn(history, debit)
        if isinstance(outcome, Done):
            history = history.moved(outcome.value)
        if draw(st.booleans()) and history.movements:
            of = draw(st.sampled_from(history.movements))
            back = GiveBack(
                key=f"b{number}", of=of.key, at=day(draw(DAYS)), amount=Decimal(draw(AMOUNTS))
            )
            backed = give_back(history, back)
            if isinstance(backed, Done):
                history = history.moved(backed.value)
    if draw(st.booleans()):
        return history.voided(Void(grant=GrantKey("g0"), at=day(draw(st.integers(100, 130)))))
    return history


@given(history=histories(), asked=st.integers(0, 130))
def test_what_was_funded_is_accounted_for(history: CreditHistory, asked: int) -> None:
    """At every instant no lot is below nothing, and the transactions come to the balance."""
    found = transactions(history, day(asked))
    for on in range(0, asked + 1, 5):
        assert all(one.left >= 0 for one in standing(history, day(on)))
    for one in standing(history, day(asked)):
        of_lot = [
            each.amount
            for each in found
            if (each.grant, each.number) == (one.lot.grant.key, one.lot.id.number)
        ]
        assert sum(of_lot) == one.left
    assert sum(each.amount for each in found) == balance(history, day(asked), EUR)


@given(history=histories())
def test_facts_read_back(history: CreditHistory) -> None:
    """What was kept as JSON is what it was."""
    kept = msgspec.json.encode(wire_from_history(history))
    assert history_from_wire(msgspec.json.decode(kept, type=HistoryDocument)) == history


@given(history=histories(), on=DAYS)
def test_what_is_free_may_be_taken(history: CreditHistory, on: int) -> None:
    """All that is free can be burned at once, and a unit more cannot."""
    free = sum((one.free for one in supplies_at(history, day(on))), Decimal(0))
    more = burn(history, Debit(key="all", at=day(on), amount=free + 1, of=EUR))
    assert isinstance(more, Refused)
    if free:
        outcome = burn(history, Debit(key="all", at=day(on), amount=free, of=EUR))
        assert isinstance(outcome, Done)
        assert taken_by(outcome.value) == free
        after = history.moved(outcome.value)
        assert all(
            one.left >= 0 for later in range(on, 131, 7) for one in standing(after, day(later))
        )


@given(history=histories(), on=DAYS, amount=AMOUNTS)
def test_taking_and_bringing_back_changes_nothing(
    history: CreditHistory, on: int, amount: int
) -> None:
    """What was taken and comes back at once leaves every lot as it was."""
    outcome = burn(history, Debit(key="x", at=day(on), amount=Decimal(amount), of=EUR))
    if isinstance(outcome, Done):
        whole = history.moved(outcome.value)
        backed = give_back(whole, GiveBack(key="y", of="x", at=day(on), amount=Decimal(amount)))
        assert isinstance(backed, Done)
        assert backed.value.kind is MovementKind.GIVEN_BACK
        assert backed.value.parts == outcome.value.parts[::-1]
        assert all(isinstance(part, Part) for part in backed.value.parts)
        assert left(whole.moved(backed.value), on) == left(history, on)


def test_what_went_out_is_used_or_lapsed() -> None:
    """Uses of a bundle are worth their part of the price, what expires of it the rest."""
    sold = Money(minor=1000, currency=EUR)
    bundle = grant("b", 3, 10, **PAID, of=unit("hour"), treatment=Treatment.UNITS, sold_for=sold)
    history = used(held(bundle, grant("free", 5, of=unit("hour"))), 2, 5)
    assert [str(each.used) for each in outgone(history, day(5)).values()] == ["6.67 EUR"]
    late = used(history, 1, 6)
    for facts, expected in ((history, ("6.67", "3.33")), (late, ("10.00", "0.00"))):
        (gone,) = outgone(facts, day(12)).values()
        assert (f"{gone.used.decimal}", f"{gone.lapsed.decimal}") == expected

"""Documents that were voided to be billed anew, once what takes their place was issued."""

from tests.invoicing.contract import day, fee, plan, shown, subscribed, take_back, to_plan

BASIC = plan("basic", fee("31.00"))
PLUS = plan("plus", fee("62.00"))


def test_what_is_voided_again_is_replaced_by_the_next() -> None:
    """Each document names the one before it, not the first that was voided in its place."""
    contract = subscribed(BASIC, day("2026-01-01"))
    (first,) = contract.bill(day("2026-01-01"))
    take_back(contract, first, anew=True, on=day("2026-01-02"))
    (second,) = contract.bill(day("2026-01-02"))
    take_back(contract, second, anew=True, on=day("2026-01-03"))
    (third,) = contract.bill(day("2026-01-03"))
    assert [one.replaces and one.replaces.invoice for one in (first, second, third)] == [
        None,
        first.id,
        second.id,
    ]
    assert [str(one.total) for one in (first, second, third)] == ["31.00 USD"] * 3


def test_a_correction_billed_anew_is_due_no_more() -> None:
    """Nor is what a change that lies ahead will make of its period: that waits for its instant."""
    contract = subscribed(BASIC, day("2026-01-01"))
    contract.bill(day("2026-01-01"))
    contract.agree(to_plan(day("2026-01-11"), PLUS), plans=[PLUS])
    made = contract.bill(day("2026-01-11"))
    (charged,) = (one for one in made if one.total.minor > 0)
    take_back(contract, charged, anew=True, on=day("2026-01-12"))
    (anew,) = contract.bill(day("2026-01-12"))
    assert anew.total == charged.total
    contract.agree(to_plan(day("2026-01-21"), BASIC))
    assert contract.bill(day("2026-01-15")) == []
    assert shown(contract.bill(day("2026-01-21"))) == [
        "base 01-21..02-01 11.00",
        "base 01-11..01-21 -22.00",
    ]

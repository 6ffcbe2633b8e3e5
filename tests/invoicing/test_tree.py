"""Tiers that the accounts of one payer fill together."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

import msgspec
import pytest

from tallystick.catalog import ContractChange, PlanVersion, Threshold
from tallystick.invoicing import (
    Basis,
    Claim,
    Invoice,
    basis_document,
    document_of,
    verification_queries,
    verify_document,
)
from tallystick.invoicing.tree import TreeMember, member_of, sold_as
from tallystick.kernel import (
    AccountKey,
    Done,
    MeterKey,
    PriceKey,
    Refused,
    SubjectSpan,
    SubscriptionKey,
    digest,
)
from tallystick.metering import Aggregation, ChangeKind, Dimension, Meter, Reach, needed_events
from tallystick.pricing import (
    GraduatedPrice,
    InvalidPrice,
    Model,
    PackagePrice,
    Price,
    StairstepPrice,
    Tier,
    UnitPrice,
    VolumePrice,
)
from tests.invoicing.contract import Contract, day, plan, shown, subscribed, to_plan, total, used

CALLS = Meter(
    key=MeterKey("calls"), event_type="call", aggregation=Aggregation.COUNT, value=None, unit="call"
)
APRIL, MAY = day("2026-04-01"), day("2026-05-01")


def tiers(first: str, above: str, *, up_to: str = "10", flat: str = "0") -> tuple[Tier, ...]:
    """Return two tiers."""
    return (
        Tier(up_to=Decimal(up_to), unit_price=Decimal(first)),
        Tier(up_to=None, unit_price=Decimal(above), flat=Decimal(flat)),
    )


def calls(model: Model | None = None, **fields: object) -> Price:
    """Return a price of calls whose tiers are counted over the tree."""
    frame = Price(
        key=PriceKey("calls"),
        model=model or GraduatedPrice(tiers=tiers("1", "0.10")),
        meter=CALLS.key,
        currency="USD",
        tiers_over="tree",
    )
    return replace(frame, **fields)  # type: ignore[arg-type] # fields by name


@dataclass
class Tree:
    """Contracts of one payer, by the letters of their accounts, and all that they used."""

    contracts: dict[str, Contract] = field(default_factory=dict)
    log: Contract | None = None
    meter: Meter = CALLS

    def join(self, letter: str, sold: PlanVersion, start: str = "2026-03-01") -> None:
        """Let an account buy a plan."""
        contract = subscribed(sold, day(start), meters=[self.meter])
        basis = contract.basis
        known = replace(
            basis.subscription, key=SubscriptionKey(f"s-{letter}"), account=AccountKey(letter)
        )
        spans = (SubjectSpan(subject=f"vm-{letter}", start=None, end=None),)
        contract.basis = replace(basis, subscription=known, payer=AccountKey("corp"), spans=spans)
        self.log = self.log or contract
        contract.events = self.log.events
        self.contracts[letter] = contract

    def use(self, letter: str, at: str, times: int, *, data: str = "{}") -> None:
        """Let an account use something."""
        assert self.log is not None
        known = len(self.log.events)
        used(self.log, "call", day(at), times=times, data=data)
        own = f"vm-{letter}"
        self.log.events[known:] = [
            msgspec.structs.replace(one, subject=own) for one in self.log.events[known:]
        ]

    def bill(self, letter: str, through: datetime) -> list[Invoice]:
        """Issue what is due of an account's contract; each document is verified."""
        self.gather(letter)
        return self.contracts[letter].bill(through)

    def gather(self, letter: str) -> None:
        """Tell a contract which others fill its tiers."""
        contract = self.contracts[letter]
        contract.basis = replace(contract.basis, tree=tuple(self._others(letter)))

    def bill_all(self, through: datetime) -> dict[str, list[str]]:
        """Issue what is due of all, and return their lines."""
        return {letter: shown(self.bill(letter, through)) for letter in self.contracts}

    def _others(self, letter: str) -> list[TreeMember]:
        own = self.contracts[letter].basis
        found = (
            member_of(one.basis.subscription, one.basis.plans, sold, spans=one.basis.spans)
            for name, one in self.contracts.items()
            if name != letter
            for sold in {sold_as(price) for price in own.prices}
            if sold is not None
        )
        return [one for one in found if one is not None]


def tree(price: Price, by_account: dict[str, int]) -> Tree:
    """Return accounts that bought one price in March, with their calls in it."""
    made = Tree()
    for letter, number in by_account.items():
        made.join(letter, plan("p", price))
        made.use(letter, "2026-03-10", number)
    return made


def test_all_fill_the_tiers_and_each_bears_its_share() -> None:
    """12 calls together are 10 at 1.00 and 2 at 0.10; each call bears a twelfth of 10.20."""
    found = tree(calls(), {"a": 9, "b": 3})
    assert found.bill_all(APRIL) == {
        "a": ["calls 03-01..04-01 7.65"],
        "b": ["calls 03-01..04-01 2.55"],
    }
    charge = found.contracts["b"].documents[0].lines[0].charge
    assert charge is not None
    assert [step.label for step in charge.steps] == [
        "tier 1: up to 10",
        "tier 2: above 10",
        "bears 3 of 12 used together, of 10.20 USD",
    ]


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        (GraduatedPrice(tiers=tiers("1", "0.10", flat="5")), "15.20"),
        (VolumePrice(tiers=tiers("1", "0.10", flat="5")), "6.20"),
        (StairstepPrice(tiers=tiers("0", "0", flat="7")), "7.00"),
        (PackagePrice(package_size=Decimal(5), package_price=Decimal("3.34")), "10.02"),
    ],
)
def test_what_all_bear_is_what_one_account_would(model: Model, expected: str) -> None:
    """Parts add up to the charge of all, to the cent, whatever the model."""
    found = tree(calls(model), {"a": 5, "b": 2, "c": 5})
    found.bill_all(APRIL)
    documents = [one for each in found.contracts.values() for one in each.documents]
    assert total(documents) == expected
    alone = tree(calls(model), {"a": 12})
    assert alone.bill_all(APRIL) == {"a": [f"calls 03-01..04-01 {expected}"]}


def test_the_cent_that_is_left_over_goes_to_the_account_before() -> None:
    """Of three equal shares of 1.00 the first account in order of keys bears 0.34."""
    found = tree(calls(GraduatedPrice(tiers=tiers("1", "0", up_to="1"))), {"c": 1, "b": 1, "a": 1})
    assert found.bill_all(APRIL) == {
        "c": ["calls 03-01..04-01 0.33"],
        "b": ["calls 03-01..04-01 0.33"],
        "a": ["calls 03-01..04-01 0.34"],
    }


def test_an_account_that_used_nothing_bears_nothing() -> None:
    """Its line says so, and the others bear all."""
    found = tree(calls(), {"a": 12, "b": 0})
    assert found.bill_all(APRIL) == {
        "a": ["calls 03-01..04-01 10.20"],
        "b": ["calls 03-01..04-01 0.00"],
    }


def test_late_usage_of_one_corrects_all() -> None:
    """What one uses late moves the share of each; what all bear stays the charge of all."""
    found = tree(calls(), {"a": 9, "b": 3})
    found.bill_all(APRIL)
    found.use("b", "2026-03-20", 8)
    # 20 together: 11.00; a bears 9/20 = 4.95, b bears 11/20 = 6.05.
    assert found.bill_all(MAY) == {
        "a": ["calls 04-01..05-01 0.00", "calls 03-01..04-01 -2.70"],
        "b": ["calls 04-01..05-01 0.00", "calls 03-01..04-01 3.50"],
    }


def test_a_voided_event_of_another_account_is_a_reason() -> None:
    """A correction of what one account used reaches the closed lines of all."""
    found = tree(calls(), {"a": 9, "b": 3})
    found.bill_all(APRIL)
    assert found.log is not None
    gone = found.log.events.pop()
    for contract in found.contracts.values():
        contract.reaches.append(
            Reach(
                position=gone.position + 2,
                meter=CALLS.key,
                subject=gone.subject,
                start=gone.used_at,
                end=None,
                kind=ChangeKind.CORRECTED,
            )
        )
    found.use("a", "2026-04-02", 1)  # the log goes on
    found.use("a", "2026-04-02", 1)
    documents = found.bill("a", MAY)
    # 11 together: 10.10; a bears 9/11 = 8.26 instead of 7.65.
    assert "calls 03-01..04-01 0.61" in shown(documents)


def test_who_comes_and_goes_within_a_month_counts_while_it_pays() -> None:
    """Usage counts from the contract's start and until its end, for all with one total."""
    found = tree(calls(), {"a": 8})
    found.join("b", plan("p", calls()), start="2026-03-10")
    found.use("b", "2026-03-05", 100)
    found.use("b", "2026-03-15", 4)
    # 12 together, of which a bears 8 and b 4.
    assert found.bill_all(APRIL) == {
        "a": ["calls 03-01..04-01 6.80"],
        "b": ["calls 03-10..04-01 3.40"],
    }


def test_an_end_that_is_dated_back_corrects_the_others() -> None:
    """What is known later about whose usage counts is a reason, too."""
    found = tree(calls(), {"a": 8, "b": 4})
    found.bill("a", APRIL)
    found.contracts["b"].end(day("2026-03-05"))
    assert shown(found.bill("a", MAY)) == [
        "calls 04-01..05-01 0.00",
        "calls 03-01..04-01 1.20",
    ]


def test_who_leaves_within_a_month_bears_a_share_of_what_was_used_by_then() -> None:
    """Its last document is not corrected by what others use afterwards."""
    found = tree(calls(), {"a": 8, "b": 4})
    found.contracts["b"].end(day("2026-03-15"))
    assert shown(found.bill("b", day("2026-03-15"))) == ["calls 03-01..03-15 3.40"]
    found.use("a", "2026-03-20", 10)
    assert found.bill("b", MAY) == []
    # 22 together: 11.20, of which a bears 18/22.
    assert shown(found.bill("a", APRIL)) == ["calls 03-01..04-01 9.16"]


def test_each_part_bears_its_share_at_its_own_price() -> None:
    """A change of plan prices what is used after it by the new tiers, filled by the whole month."""
    found = tree(calls(), {"a": 6, "b": 6})
    dear = plan("dear", calls(GraduatedPrice(tiers=tiers("2", "0.10"))))
    found.contracts["a"].agree(to_plan(day("2026-03-16"), dear), plans=[dear])
    found.use("a", "2026-03-20", 3)
    # 15 together: 10.50, by the dear plan 20.50.
    assert found.bill_all(APRIL) == {
        "a": ["calls 03-01..03-16 4.20", "calls 03-16..04-01 4.10"],
        "b": ["calls 03-01..04-01 4.20"],
    }


def test_parts_at_one_price_bear_what_the_whole_does() -> None:
    """Cut or not, an account bears the same; what is paused counts for nobody."""
    found = tree(calls(), {"a": 6, "b": 5})
    new = plan("new", calls(tax_category="saas"))
    found.contracts["a"].agree(to_plan(day("2026-03-16"), new), plans=[new])
    found.use("a", "2026-03-20", 1)
    # 12 together: 10.20; a bears 7/12 = 5.95 in two parts.
    assert found.bill_all(APRIL) == {
        "a": ["calls 03-01..03-16 5.10", "calls 03-16..04-01 0.85"],
        "b": ["calls 03-01..04-01 4.25"],
    }


def test_what_is_used_in_a_pause_fills_nothing() -> None:
    """A contract that is paused pays nothing, and fills no tiers of others."""
    found = tree(calls(), {"a": 8, "b": 4})
    found.contracts["b"].agree(ContractChange(at=day("2026-03-05"), paused=True))
    assert shown(found.bill("a", APRIL)) == ["calls 03-01..04-01 8.00"]


def test_other_prices_do_not_fill_the_tiers() -> None:
    """An account that pays for its own calls alone is no part of it."""
    found = tree(calls(), {"a": 8})
    found.join("b", plan("own", calls(tiers_over="period")))
    found.use("b", "2026-03-10", 4)
    assert found.bill_all(APRIL) == {
        "a": ["calls 03-01..04-01 8.00"],
        "b": ["calls 03-01..04-01 4.00"],
    }


def test_each_month_fills_the_tiers_anew() -> None:
    """The tree's tiers are those of a period."""
    found = tree(calls(), {"a": 9, "b": 3})
    found.use("a", "2026-04-10", 2)
    found.use("b", "2026-04-10", 2)
    assert found.bill_all(MAY) == {
        "a": ["calls 03-01..04-01 7.65", "calls 04-01..05-01 2.00"],
        "b": ["calls 03-01..04-01 2.55", "calls 04-01..05-01 2.00"],
    }


def proof_of(contract: Contract, document: Invoice) -> tuple[Claim, Basis]:
    """Return a document as it is to be verified."""
    basis = contract.basis
    claim = Claim(
        invoice=document,
        digest=digest(document_of(document)),
        basis=basis,
        basis_digest=digest(basis_document(basis)),
        previous=(),
    )
    return claim, basis


def test_a_proof_holds_what_the_others_used() -> None:
    """A document is verified from its proof alone, and not without an event of another account."""
    found = tree(calls(), {"a": 9, "b": 3})
    (document,) = found.bill("a", APRIL)
    claim, basis = proof_of(found.contracts["a"], document)
    assert found.log is not None
    needed = [
        event
        for query in verification_queries(document, basis)
        for event in needed_events(query, found.log.events)
    ]
    by_position = {event.position: event for event in needed}
    assert len(by_position) == 12
    assert isinstance(verify_document(claim, list(by_position.values())), Done)
    less = [one for one in by_position.values() if one.position != 12]
    outcome = verify_document(claim, less)
    assert isinstance(outcome, Refused)
    assert outcome.problems[0].code == "different_charge"


@pytest.mark.parametrize(
    ("fields", "field_"),
    [
        ({"model": UnitPrice(unit_price=Decimal(1))}, "tiers_over"),
        ({"meter": None}, "tiers_over"),
        ({"model": GraduatedPrice(tiers=tiers("1", "1"), prorated=True)}, "tiers_over"),
        ({"model": VolumePrice(tiers=tiers("1", "1"), flat_at_zero=True)}, "flat_at_zero"),
        ({"allowance": Decimal(5)}, "allowance"),
        ({"minimum_quantity": Decimal(5)}, "minimum_quantity"),
    ],
)
def test_what_cannot_be_shared_is_refused(fields: dict[str, object], field_: str) -> None:
    """Each fault is found when the price is built, and names its field."""
    with pytest.raises(InvalidPrice) as caught:
        calls(**fields)  # type: ignore[arg-type] # fields by name
    assert field_ in [problem.field for problem in caught.value.problems]


def test_a_threshold_counts_what_was_used_together_so_far() -> None:
    """Within a month the tiers are filled up to the document, and taken off at the month's end."""
    found = Tree()
    sold = replace(plan("p", calls()), thresholds=(Threshold(amount=Decimal(5)),))
    for letter in ("a", "b"):
        found.join(letter, sold)
    found.use("a", "2026-03-05", 6)
    found.use("b", "2026-03-05", 2)
    found.use("b", "2026-03-20", 4)
    found.gather("a")
    contract = found.contracts["a"]
    assert shown(contract.look(day("2026-03-10"))) == ["calls 03-01..04-01 6.00"]
    # 12 together: 10.20, of which a bears half: less than it was billed.
    assert shown(found.bill("a", APRIL)) == ["calls 03-01..04-01 -0.90"]


def test_usage_comes_in_groups_that_share_their_own_tiers() -> None:
    """With `group_by` the tiers of each value are filled by all accounts apart."""
    by_region = replace(CALLS, dimensions=(Dimension(name="region", path="region"),))
    found = Tree(meter=by_region)
    for letter in ("a", "b"):
        found.join(letter, plan("p", calls(group_by=("region",))))
    found.use("a", "2026-03-05", 8, data='{"region": "eu"}')
    found.use("b", "2026-03-05", 4, data='{"region": "eu"}')
    found.use("b", "2026-03-06", 4, data='{"region": "us"}')
    assert found.bill_all(APRIL) == {
        "a": ["calls 03-01..04-01 6.80"],
        "b": ["calls 03-01..04-01 3.40", "calls 03-01..04-01 4.00"],
    }

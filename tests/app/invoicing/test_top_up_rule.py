"""Credit that is bought by a rule: once per crossing, whoever asks how often, within its limit."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import msgspec
import pytest

from tallystick.app.invoicing import (
    SetTopUpRule,
    TopUpDue,
    TopUpReport,
    TopUpState,
    read_top_up_rule,
    set_top_up_rule,
    top_up_due,
)
from tallystick.credits import TopUpDocument
from tallystick.kernel import AccountKey, Done, InvoiceId, Outcome
from tests.app.invoicing.billing import Billing
from tests.app.invoicing.test_commands import codes
from tests.app.invoicing.test_notes import proven
from tests.app.invoicing.test_top_up import left, top_up, use

ACME = AccountKey("acme")
RULE = TopUpDocument(
    threshold="500", amount="1000", currency="USD", treatment="prepaid_taxed", times_max=2
)


@pytest.fixture
def ruled(billing: Billing) -> Billing:
    """Lend a workspace in which acme bought 520.00 and has a rule."""
    assert isinstance(top_up(billing, amount="520"), Done)
    assert isinstance(set_rule(billing, RULE), Done)
    return billing


def set_rule(billing: Billing, rule: TopUpDocument | None) -> Outcome[TopUpState]:
    """Set acme's rule, or tell why not."""
    command = SetTopUpRule(account=ACME, rule=rule)
    return set_top_up_rule(command, caller=billing.caller, uow=billing.unit(), clock=billing.clock)


def ask(billing: Billing) -> TopUpReport:
    """Ask all rules."""
    outcome = top_up_due(
        TopUpDue(), caller=billing.caller, units=billing.unit, sources=billing.sources
    )
    assert isinstance(outcome, Done), outcome
    return outcome.value


def steps(billing: Billing) -> list[str]:
    """Return what acme's rules did."""
    outcome = read_top_up_rule(billing.caller, ACME, uow=billing.unit())
    assert isinstance(outcome, Done), outcome
    return [step for _, step in outcome.value.steps]


def test_a_crossing_buys_once(ruled: Billing) -> None:
    """520.00 less 30.00 buy 1,000.00, once; the invoice verifies, and the rule is armed again."""
    assert ask(ruled).bought == []
    use(ruled, "30")
    (invoice,) = ask(ruled).bought
    assert ask(ruled) == TopUpReport(bought=[], blocked=[], refused=[])
    assert left(ruled) == "1490"
    assert steps(ruled) == ["bought", "recovered"]
    proven(ruled, [ruled.document(InvoiceId(invoice)).invoice])


def test_who_ask_at_once_buy_once(ruled: Billing) -> None:
    """The second finds what the first one did, as its transaction waited for it."""
    use(ruled, "30")
    with ThreadPoolExecutor(4) as threads:
        told = [one.result() for one in [threads.submit(ask, ruled) for _ in range(4)]]
    assert sum(len(one.bought) for one in told) == 1
    assert left(ruled) == "1490"


def test_a_second_crossing_buys_again_and_a_third_is_kept_from_it(ruled: Billing) -> None:
    """Twice a month at most; the crossing that is kept from buying is told once."""
    for amount in ("30", "1000"):
        use(ruled, amount)
        assert len(ask(ruled).bought) == 1
    use(ruled, "1001")
    assert ask(ruled).blocked == ["acme"]
    assert ask(ruled) == TopUpReport(bought=[], blocked=[], refused=[])
    assert left(ruled) == "489"


def test_what_is_missing_to_a_target_is_bought(ruled: Billing) -> None:
    """490.00 up to 2,000.00 are 1,510.00."""
    by_target = msgspec.structs.replace(RULE, amount="", target="2000")
    assert isinstance(set_rule(ruled, by_target), Done)
    use(ruled, "30")
    assert len(ask(ruled).bought) == 1
    assert left(ruled) == "2000"


def test_what_cannot_be_bought_is_told_and_tried_again(ruled: Billing) -> None:
    """An issuer that is not known sells nothing: no step is taken, and nobody waits for it."""
    assert isinstance(set_rule(ruled, msgspec.structs.replace(RULE, legal_entity="no")), Done)
    use(ruled, "30")
    (refused,) = ask(ruled).refused
    assert refused[0] == "acme"
    assert steps(ruled) == []
    assert isinstance(set_rule(ruled, RULE), Done)
    assert len(ask(ruled).bought) == 1


def test_a_rule_that_ended_buys_nothing(ruled: Billing) -> None:
    """None counts any more; what rules did stays."""
    assert isinstance(set_rule(ruled, None), Done)
    use(ruled, "30")
    assert ask(ruled).bought == []


def test_a_rule_says_what_it_may_say(ruled: Billing) -> None:
    """Money of the payer, a treatment of paid credit, an amount or a target, a limit."""
    for terms in (
        {"currency": "EUR"},
        {"treatment": "units"},
        {"target": "2000"},
        {"amount": ""},
        {"amount": "1.001"},
        {"threshold": "0"},
        {"amount": "", "target": "400"},
        {"times_max": 0},
    ):
        assert codes(set_rule(ruled, msgspec.structs.replace(RULE, **terms))) == ["wrong_value"]
    reader = replace(ruled.caller, scopes=frozenset({"read"}))
    asked = top_up_due(TopUpDue(), caller=reader, units=ruled.unit, sources=ruled.sources)
    assert codes(asked) == ["forbidden"]

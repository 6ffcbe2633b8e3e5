"""Usage alerts by e-mail: each once, to the account that it concerns, with what it says."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import pytest

from tallystick.app.delivery.words import ALERT_WORDS
from tallystick.app.facts import QuotaEnforced, UsageThresholdBreached, fact_message
from tallystick.app.quotas import CounterChange, Enforced
from tallystick.app.usage_alerts import CounterWatch
from tallystick.catalog import FeatureKind, Overage, OverageAction
from tallystick.integrations.documents.words import WORDS
from tallystick.kernel import AccountKey, instant
from tallystick.quotas import Limit, Reason
from tallystick.thresholds import Rule, Severity, Threshold, Watch, Watched
from tests.app.invoicing.billing import Billing
from tests.app.invoicing.test_mailing import ADDRESS, reachable, round_of
from tests.mailbox import Arrivals, mail_arrivals

NEAR = UsageThresholdBreached(
    tenant_id="acme",
    trace_id="",
    resource_type="calls",
    current_usage="8",
    limit="10",
    thresholds=("80 %",),
    percent="80.0",
    severity="warning",
    message="Usage of calls at 80.0 %: approaching the limit.",
    timestamp="2026-01-01T00:00:00Z",
    alert_id="alert_1",
)
REFUSED = QuotaEnforced(
    tenant_id="acme",
    trace_id="",
    resource_type="calls",
    action="limit_reached",
    severity="critical",
    message="The limit of calls refuses use.",
    timestamp="2026-01-01T00:00:00Z",
    alert_id="alert_2",
)


@pytest.fixture
def arrivals() -> Iterator[Arrivals]:
    """Lend a mail server."""
    with mail_arrivals() as running:
        yield running


def tell(billing: Billing, *facts: UsageThresholdBreached | QuotaEnforced) -> None:
    """Put what alerts put into the outbox."""
    with billing.unit() as uow:
        for fact in facts:
            at = billing.clock.now()
            uow.outbox.put(fact_message(fact, workspace=uow.workspace, id=fact.alert_id, at=at))
        uow.commit()


def test_an_alert_is_mailed_to_its_account_once(billing: Billing, arrivals: Arrivals) -> None:
    """The subject says what happened, the text what is used of which limit."""
    reachable(billing)
    tell(billing, NEAR, REFUSED)
    for _ in range(3):
        round_of(billing, arrivals)
    subjects = sorted(str(mail["Subject"]) for mail in arrivals.mails)
    assert subjects == [REFUSED.message, NEAR.message]
    (first,) = (mail for mail in arrivals.mails if str(mail["Subject"]) == NEAR.message)
    body = first.get_body(("plain",))
    assert str(first["To"]) == ADDRESS
    assert body is not None
    assert "Used: 8\nLimit: 10\n" in body.get_content().replace("\r\n", "\n")


def test_an_account_without_an_address_is_not_written_to(
    billing: Billing, arrivals: Arrivals
) -> None:
    """Nor is anybody else in its place."""
    with billing.unit() as uow:
        account = uow.accounts.load_account(AccountKey("acme"))
        assert account is not None
        contact = replace(account.contact, email="")
        uow.accounts.save_accounts([replace(account, contact=contact)])
        uow.commit()
    tell(billing, NEAR)
    for _ in range(2):
        round_of(billing, arrivals)
    assert arrivals.mails == []


def test_an_account_is_not_written_to_where_its_plan_says_so(
    billing: Billing, arrivals: Arrivals
) -> None:
    """The alert of a limit that is enforced without notice is listed, and not mailed."""
    reachable(billing)
    at = billing.clock.now()
    quiet = Overage(action=OverageAction.BLOCK, notify=False)
    with billing.unit() as uow:
        told = [
            Enforced(
                limit=limit_of(feature, overage),
                account="acme",
                reason=Reason.LIMIT_REACHED,
            )
            for feature, overage in (("calls", None), ("exports", quiet))
        ]
        CounterWatch().enforced(told, at=at, uow=uow)
        uow.commit()
    for _ in range(3):
        round_of(billing, arrivals)
    assert [str(mail["Subject"]) for mail in arrivals.mails] == ["The limit of calls refuses use."]
    with billing.unit() as uow:
        listed = uow.usage_alerts.page(before=None, limit=10)
    assert sorted(one.alert.feature for one in listed) == ["calls", "exports"]


@pytest.mark.parametrize(
    ("language", "passed", "refused"),
    [
        (
            "",
            "Usage of calls at 8, 80.0 % of the limit: passed 80 %.",
            "The limit of calls refuses",
        ),
        (
            "de",
            "Verbrauch von calls bei 8, 80.0 % des Limits: 80 % überschritten.",
            "Das Limit von",
        ),
        ("fr", "Consommation de calls à 8, soit 80.0 % de la limite", "La limite de calls est"),
        ("es", "Uso de calls en 8, el 80.0 % del límite: se superó 80 %.", "Se alcanzó el límite"),
        (
            "ja",
            "calls の使用量が 8",
            "calls は上限に達した",
        ),
        ("ar", "استخدام calls عند 8، أي 80.0 % من الحد: تم تجاوز 80 %.", "تم بلوغ حد calls"),
    ],
)
def test_an_account_is_written_to_in_its_language(
    billing: Billing, arrivals: Arrivals, language: str, passed: str, refused: str
) -> None:
    """What passed and what is refused, in the language of the account's documents."""
    reachable(billing, language=language)
    limit, at = limit_of("calls", None), billing.clock.now()
    watch = Watch(watched=Watched.USAGE, thresholds=(Threshold(amount=Decimal(80)),))
    rule = Rule(key="r", watch=watch)
    ruled = replace(limit, rules=(rule,))
    change = CounterChange(limit=ruled, before=Decimal(7), after=Decimal(8))
    with billing.unit() as uow:
        counters = CounterWatch()
        counters.changed([change], at=at, uow=uow)
        counters.enforced(
            [Enforced(limit=limit, account="acme", reason=Reason.LIMIT_REACHED)], at=at, uow=uow
        )
        uow.commit()
    for _ in range(2):
        round_of(billing, arrivals)
    subjects = sorted(str(mail["Subject"]) for mail in arrivals.mails)
    assert len(subjects) == 2
    assert any(each.startswith(passed) for each in subjects), subjects
    assert any(each.startswith(refused) for each in subjects), subjects


def test_every_language_of_documents_has_all_words_of_alerts() -> None:
    """The same languages, each with each reason, severity and state, and nothing left to fill."""
    assert ALERT_WORDS.keys() == WORDS.keys()
    english = ALERT_WORDS["en"]
    for words in ALERT_WORDS.values():
        assert words.enforced.keys() == english.enforced.keys()
        assert words.severities.keys() == {each.value for each in Severity}
        assert words.states.keys() == english.states.keys()
        assert words.several.format(count=2, first="x") != words.several
        for text in words.enforced.values():
            assert "calls" in text.format(feature="calls")


def limit_of(feature: str, overage: Overage | None) -> Limit:
    """Return a limit of ten in a month."""
    return Limit(
        holder=AccountKey("acme"),
        feature=feature,
        kind=FeatureKind.METERED,
        most=Decimal(10),
        start=instant("2026-01-01T00:00:00Z"),
        end=instant("2026-02-01T00:00:00Z"),
        overage=overage,
    )

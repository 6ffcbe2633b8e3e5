"""What letters say of money, and of what is expected: in each language, as it writes figures."""

from dataclasses import dataclass

import msgspec
import pytest

from tallystick.app.delivery.alert_text import letter_text, listed
from tallystick.app.delivery.words import ALERT_WORDS
from tallystick.app.usage_alerts import AlertRecord, UsageAlert
from tallystick.catalog import LANGUAGES
from tallystick.integrations.documents import formats_for
from tallystick.kernel import instant

SPEND = UsageAlert(
    id="alert_1",
    account="acme",
    feature="acme-pro",
    kind="threshold",
    severity="warning",
    message="Spend on acme-pro at 1234.50 EUR: passed every 1000.",
    opened_at=instant("2026-03-11T12:00:00Z"),
    thresholds=("every 1000",),
    value="1234.5",
    rule="bills",
    watched="spend",
    currency="EUR",
)
BUDGET = msgspec.structs.replace(
    SPEND,
    feature="march",
    message="in English",
    thresholds=("80 %", "projected 100 %"),
    value="1640",
    limit="2000",
    percent="82.0",
    watched="budget",
    projected="2271.4285714",
    reached_on="2026-03-21",
)
AHEAD = msgspec.structs.replace(BUDGET, thresholds=("projected 100 %",))
CREDIT = msgspec.structs.replace(
    SPEND, thresholds=("10 %", "5"), value="4", limit="50", percent="8.0", watched="credit"
)
GONE = msgspec.structs.replace(
    CREDIT, thresholds=("projected 0 %",), projected="0", reached_on="2026-03-21"
)
UNITS = msgspec.structs.replace(
    CREDIT, thresholds=("10",), value="1234.5", limit=None, percent=None, currency="TOKENS"
)
USAGE = msgspec.structs.replace(AHEAD, feature="calls", watched="usage", currency="")


@dataclass(frozen=True, slots=True)
class Subjects:
    """What letters on an alert are headed, in three ways of writing."""

    de: str
    en: str
    ja: str


SAID = [
    (
        SPEND,
        Subjects(
            de="Ausgaben für acme-pro bei 1.234,50 €: je 1.000,00 € überschritten.",
            en="Spend on acme-pro at €1,234.50: passed every €1,000.00.",
            ja="acme-pro の支出が €1,234.50 となり、€1,000.00 ごと を超えました。",
        ),
    ),
    (
        BUDGET,
        Subjects(
            de="Budget march bei 1.640,00 € von 2.000,00 €, 82 %: 80 %, voraussichtlich 100 % "
            "überschritten.",
            en="Budget march at €1,640.00 of €2,000.00, 82%: passed 80%, projected 100%.",
            ja="予算 march の支出が €2,000.00 のうち €1,640.00 (82%) となり、80%, 見込み 100% "
            "を超えました。",
        ),
    ),
    (
        AHEAD,
        Subjects(
            de="Budget march voraussichtlich bei 2.271,43 €, 113,6 % des Budgets, aufgebraucht am "
            "21. März 2026: Schwelle 100 % überschritten.",
            en="Budget march expected to come to €2,271.43, 113.6% of the budget, used up on "
            "March 21, 2026: passed 100%.",
            ja="予算 march の支出は €2,271.43 (予算の 113.6%、2026年3月21日に使い切る見込み) "
            "になる見込みで、しきい値 100% を超えます。",
        ),
    ),
    (
        CREDIT,
        Subjects(
            de="Noch 4,00 € Guthaben, 8 % des Gewährten: Schwelle 10 %, 5,00 € erreicht.",
            en="Credit of €4.00 left, 8% of what was granted: passed 10%, €5.00.",
            ja="クレジットの残高が €4.00 (付与額の 8%) となり、しきい値 10%, €5.00 に達しました。",
        ),
    ),
    (
        GONE,
        Subjects(
            de="Noch 4,00 € Guthaben, in 30 Tagen voraussichtlich 0,00 €, aufgebraucht am "
            "21. März 2026: Schwelle 0 % erreicht.",
            en="Credit of €4.00 left, €0.00 in 30 days, used up on March 21, 2026: passed 0%.",
            ja="クレジットの残高は €4.00 (30 日後の見込みは €0.00、2026年3月21日に使い切る見込み) "
            "で、しきい値 0% に達する見込みです。",
        ),
    ),
    (
        UNITS,
        Subjects(
            de="Noch 1.234,5 TOKENS Guthaben: Schwelle 10 TOKENS erreicht.",
            en="Credit of 1,234.5 TOKENS left: passed 10 TOKENS.",
            ja="クレジットの残高が 1,234.5 TOKENS となり、しきい値 10 TOKENS に達しました。",
        ),
    ),
    (
        USAGE,
        Subjects(
            de="Verbrauch von calls voraussichtlich 2271.4285714, 113,6 % des Limits, erreicht am "
            "21. März 2026: Schwelle 100 % überschritten.",
            en="Usage of calls expected to come to 2271.4285714, 113.6% of the limit, reached on "
            "March 21, 2026: passed 100%.",
            ja="calls の使用量は 2271.4285714 (上限の 113.6%、2026年3月21日に到達) になる見込みで、"
            "しきい値 100% を超えます。",
        ),
    ),
]


def subject_of(alert: UsageAlert, language: str) -> str:
    """Return what a letter on an alert is headed, with plain spaces."""
    told = listed([AlertRecord(number=1, alert=alert)], language=language)
    return letter_text(told, formats_for)[0].replace("\xa0", " ")


@pytest.mark.parametrize(("alert", "said"), SAID)
def test_money_is_told_as_the_language_writes_it(alert: UsageAlert, said: Subjects) -> None:
    """Amounts, percentages and days; figures of usage stay exact."""
    assert [subject_of(alert, each) for each in ("de", "en", "ja")] == [said.de, said.en, said.ja]


def test_every_language_has_its_sentences() -> None:
    """Each sentence differs from those of all other languages, and none leaves a brace."""
    assert sorted(ALERT_WORDS) == sorted(LANGUAGES)
    for alert, _ in SAID:
        found = {subject_of(alert, language) for language in LANGUAGES}
        assert len(found) == len(LANGUAGES)
        assert not [one for one in found if "{" in one or "in English" in one]


def test_arabic_keeps_the_sign_beside_its_amount() -> None:
    """A mark behind US$ keeps it from turning round; the sentence begins in Arabic."""
    dollars = msgspec.structs.replace(SPEND, currency="USD")
    said = subject_of(dollars, "ar")
    value, each = (f"\u200f{amount} US$\u200e" for amount in ("1,234.50", "1,000.00"))
    assert said == f"الإنفاق على acme-pro عند {value}: تم تجاوز كل {each}."


def test_a_letter_on_spend_speaks_of_no_feature() -> None:
    """Below the sentence stand the account, the instant and the alert."""
    told = listed([AlertRecord(number=1, alert=SPEND)], language="de")
    _, text = letter_text(told, formats_for)
    assert [line.partition(": ") for line in text.splitlines()[2:] if line] == [
        ("Konto", ": ", "acme"),
        ("Zeitpunkt", ": ", "2026-03-11T12:00:00.000000Z"),
        ("Meldung", ": ", "alert_1"),
    ]

"""Letters on usage alerts as text, in the reader's language."""

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal

import msgspec

from tallystick.app.delivery.money_text import is_of_money, money_said
from tallystick.app.delivery.ports import LetterFormats
from tallystick.app.delivery.words import ALERT_WORDS, FALLBACK, AlertWords
from tallystick.app.usage_alerts import AlertKind, AlertRecord, UsageAlert
from tallystick.kernel import instant_text, parse_decimal
from tallystick.thresholds import Severity, Watched

LISTED_MAX = 50
LanguageFormats = Callable[[str], LetterFormats]
"""By language, as one of `catalog.LANGUAGES`."""
_RANK = {each.value: each.rank for each in Severity}


class ListedAlert(msgspec.Struct, frozen=True, kw_only=True):
    """An alert as a letter tells it; `state` is what people did about it, empty: nothing."""

    alert: UsageAlert
    state: str = ""


class AlertList(msgspec.Struct, frozen=True, kw_only=True):
    """
    What one letter tells: alerts, the worst first, and how many more there are.

    ``unanswered_minutes``: how long nobody acknowledged the one alert of a further step.
    """

    language: str
    alerts: tuple[ListedAlert, ...]
    more: int = 0
    unanswered_minutes: int = 0


def listed(
    records: Sequence[AlertRecord], *, language: str, more: int = 0, minutes: int = 0
) -> AlertList:
    """Return alerts as a letter lists them: the most severe first, then what is fullest."""
    ordered = sorted(records, key=_place)
    alerts = tuple(
        ListedAlert(alert=one.alert, state=one.state if one.responses else "")
        for one in ordered[:LISTED_MAX]
    )
    left_out = len(ordered) - len(alerts) + more
    return AlertList(language=language, alerts=alerts, more=left_out, unanswered_minutes=minutes)


def alert_words(language: str) -> AlertWords:
    """Return the words of a language; of one that has none, those of English."""
    return ALERT_WORDS.get(language, ALERT_WORDS[FALLBACK])


def letter_text(told: AlertList, formats: LanguageFormats) -> tuple[str, str]:
    """Return subject and text of a letter."""
    words, written = alert_words(told.language), formats(told.language)
    first = said(told.alerts[0].alert, words, written)
    if len(told.alerts) == 1 and not told.more:
        if told.unanswered_minutes:
            first = words.unanswered.format(minutes=told.unanswered_minutes, first=first)
        return first, "\n".join([first, "", *_lines(told.alerts[0].alert, words), ""])
    count = len(told.alerts) + told.more
    subject = words.several.format(count=count, first=first)
    return subject, "\n".join([subject, "", *list_lines(told, written), ""])


def list_lines(told: AlertList, formats: LetterFormats | None) -> Iterator[str]:
    """Yield the lines of a list, one for each alert; without formats with its own message."""
    words = alert_words(told.language)
    for one in told.alerts:
        marks = [words.severities.get(one.alert.severity, one.alert.severity)]
        if one.state:
            marks.append(words.states.get(one.state, one.state))
        yield f"- {one.alert.account}: {said(one.alert, words, formats)} ({', '.join(marks)})"
    if told.more:
        yield f"- {words.more.format(count=told.more)}"


def said(alert: UsageAlert, words: AlertWords, formats: LetterFormats | None) -> str:
    """
    Return what an alert says, in words; where a language has none for it, its own message.

    Numbers of usage are exact texts, as they stand in the alert; money is written as the language
    writes it.
    """
    known = {"feature": alert.feature, "percent": alert.percent or ""}
    is_threshold = alert.kind == AlertKind.THRESHOLD.value
    if formats is not None and is_threshold and is_of_money(alert):
        return money_said(alert, words, formats)
    if words is ALERT_WORDS[FALLBACK]:
        return alert.message
    if alert.kind == AlertKind.ENFORCED.value and alert.action in words.enforced:
        return words.enforced[alert.action].format(**known)
    if not is_threshold:
        return alert.message
    if not alert.rule:
        is_reached = alert.severity == Severity.CRITICAL.value
        return (words.reached if is_reached else words.near).format(**known)
    value = alert.value
    if alert.percent is not None:
        value = words.share.format(value=value, percent=alert.percent)
    thresholds = ", ".join(alert.thresholds)
    return words.passed.format(feature=alert.feature, value=value, thresholds=thresholds)


def _lines(alert: UsageAlert, words: AlertWords) -> Iterator[str]:
    is_used = alert.watched == Watched.USAGE.value  # of money the message says what and how much
    for label, value in (
        (words.account, alert.account),
        (words.feature, alert.feature if is_used else ""),
        (words.used, alert.value if is_used else ""),
        (words.limit, alert.limit if is_used else ""),
        (words.at, instant_text(alert.opened_at)),
        (words.alert, alert.id),
    ):
        if value:
            yield f"{label}: {value}"


def _place(record: AlertRecord) -> tuple[int, Decimal, int]:
    alert = record.alert
    full = Decimal(0) if alert.percent is None else parse_decimal(alert.percent)
    return -_RANK.get(alert.severity, 0), -full, record.number

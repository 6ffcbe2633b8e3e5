"""
What alerts on money, and on what is expected, say in a reader's language.

    de   Budget acme-budget bei 20,00 € von 40,00 €, 50 %: 50 % überschritten.
    en   Budget acme-budget at €20.00 of €40.00, 50%: passed 50%.

Amounts, percentages and days are written as the language writes them; money of a counter's usage
does not exist, so its figures stay as they are.
"""

from datetime import date
from decimal import Decimal

from tallystick.app.delivery.ports import LetterFormats
from tallystick.app.delivery.words import AlertWords, MoneyWords
from tallystick.app.usage_alerts import UsageAlert
from tallystick.kernel import Amount, Misuse, currency, parse_decimal, plain, settle
from tallystick.thresholds import Watched, percent_of

_AHEAD, _EVERY, _PERCENT = "projected ", "every ", " %"


def is_of_money(alert: UsageAlert) -> bool:
    """Tell whether an alert is of money, of credit, or of what usage is expected to come to."""
    return alert.watched != Watched.USAGE.value or alert.projected is not None


def money_said(alert: UsageAlert, words: AlertWords, formats: LetterFormats) -> str:
    """Return the sentence of an alert for which `is_of_money` holds; unknown: its own message."""
    told, known = words.money, _known(alert, words.money, formats)
    is_ahead = all(name.startswith(_AHEAD) for name in alert.thresholds)
    match alert.watched, is_ahead:
        case Watched.SPEND, False:
            return told.spend.format_map(known)
        case Watched.BUDGET, _:
            return (told.budget_ahead if is_ahead else told.budget).format_map(known)
        case Watched.CREDIT, True:
            return told.credit_ahead.format_map(known)
        case Watched.CREDIT, False:
            return (told.credit_share if known["percent"] else told.credit).format_map(known)
        case Watched.USAGE, True:
            return told.usage_ahead.format_map(known)
        case _:
            return alert.message


def threshold_text(name: str, alert: UsageAlert, words: MoneyWords, formats: LetterFormats) -> str:
    """Return the name of a threshold in a reader's words, as `Threshold.name` made it."""
    number = name.removeprefix(_AHEAD).removeprefix(_EVERY).removesuffix(_PERCENT)
    value = parse_decimal(number)
    shown = formats.percent(value) if name.endswith(_PERCENT) else _shown(value, alert, formats)
    return words.every.format(threshold=shown) if name.startswith(_EVERY) else shown


def _known(alert: UsageAlert, words: MoneyWords, formats: LetterFormats) -> dict[str, str]:
    is_ahead = all(name.startswith(_AHEAD) for name in alert.thresholds)
    value = parse_decimal(alert.value)
    limit = None if alert.limit is None else parse_decimal(alert.limit)
    projected = value if alert.projected is None else parse_decimal(alert.projected)
    percent = percent_of(projected if is_ahead else value, limit)
    return {
        "of": alert.feature,
        "value": _shown(value, alert, formats),
        "limit": "" if limit is None else _shown(limit, alert, formats),
        "projected": _shown(projected, alert, formats),
        "percent": "" if percent is None else formats.percent(percent),
        "day": _day(alert, words, formats),
        "thresholds": _thresholds(alert, words, formats, is_ahead=is_ahead),
    }


def _thresholds(
    alert: UsageAlert, words: MoneyWords, formats: LetterFormats, *, is_ahead: bool
) -> str:
    """Return what was passed; what is expected is marked where the sentence is of what is so."""
    shown = []
    for name in alert.thresholds:
        text = threshold_text(name, alert, words, formats)
        is_marked = name.startswith(_AHEAD) and not is_ahead
        shown.append(words.projected.format(threshold=text) if is_marked else text)
    return ", ".join(shown)


def _day(alert: UsageAlert, words: MoneyWords, formats: LetterFormats) -> str:
    if alert.reached_on is None:
        return ""
    said = words.reached_on if alert.watched == Watched.USAGE.value else words.used_up_on
    return said.format(day=formats.day(date.fromisoformat(alert.reached_on)))


def _shown(value: Decimal, alert: UsageAlert, formats: LetterFormats) -> str:
    """Return a value for people: money in its minor unit, units of credit with their name."""
    if not alert.currency:
        return plain(value)
    try:
        return formats.money(settle(Amount(value=value, currency=currency(alert.currency))))
    except Misuse:
        return f"{formats.quantity(value)} {alert.currency}"

"""Reading alert rules from documents."""

from collections.abc import Collection, Mapping
from datetime import time, timedelta
from decimal import Decimal

from tallystick.catalog.alerts.alert_rule import AlertRule
from tallystick.catalog.alerts.money import read_money
from tallystick.catalog.contacts import EMAIL, read_language
from tallystick.catalog.fields import (
    FLAG,
    KEY,
    NUMBER,
    WHOLE,
    ZONE,
    Fields,
    Kind,
    choose,
    read_alone,
    suggestion,
)
from tallystick.kernel import AccountKey, Misuse, Outcome, PlanKey
from tallystick.thresholds import (
    Basis,
    Group,
    GroupBy,
    QuietHours,
    Rule,
    Severity,
    Step,
    Threshold,
    Watch,
    Watched,
    watch_problems,
)

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
RECIPIENTS_MAX = 20
STEPS_MAX = 5
MINUTES_MAX = 30 * 24 * 60
_BASES = {"percent": Basis.PERCENT, "amount": Basis.ABSOLUTE, "projected": Basis.PROJECTED}
GROUP_MINUTES_MAX = 24 * 60


def _time(value: object) -> time | None:
    if not isinstance(value, str) or len(value) != len("22:00"):
        return None
    try:
        return time.fromisoformat(value)
    except ValueError:
        return None


_TIME = Kind(convert=_time, expected='a local time such as "22:00"', stand_in=time(0))


def read_alert_rule(
    fields: Fields, *, features: Collection[str] | None, plans: Collection[str] | None
) -> AlertRule:
    """
    Read an alert rule.

    ``features`` and ``plans`` are those that are known; None for what was checked when it was
    stored.
    """
    account = fields.read_or("account", KEY, None)
    plan = _reference(fields, "plan", plans)
    watch = _read_watch(fields)
    feature = _reference(fields, "feature", features)
    money = read_money(fields, watch)
    rule = AlertRule(
        rule=Rule(
            key=fields.read("key", KEY),
            watch=watch,
            quiet=_read_quiet(fields) if fields.has("quiet_hours") else None,
            recipients=_recipients(fields),
            steps=_read_steps(fields),
            group=_read_group(fields) if fields.has("group") else None,
            language=read_language(fields),
        ),
        feature=feature,
        account=AccountKey(account) if account else None,
        plan=PlanKey(plan) if plan else None,
        currency=money.currency,
        budget=money.budget,
        per=money.per,
        over=money.over,
        enabled=fields.read_or("enabled", FLAG, default=True),
    )
    if rule.account is not None and rule.plan is not None:
        message = '"plan" beside "account": a rule is of one account, of a plan, or of all'
        fields.note("wrong_value", message, "plan")
    return rule


def alert_rule_from_document(document: Mapping[str, object]) -> Outcome[AlertRule]:
    """
    Read one rule as `alert_rule_document` wrote it.

    Problems:
        unknown_field, missing_field, wrong_type, wrong_value, and those of `watch_problems`.
    """
    return read_alone(document, lambda fields: read_alert_rule(fields, features=None, plans=None))


def read_one_alert_rule(
    document: Mapping[str, object], *, features: Collection[str], plans: Collection[str]
) -> Outcome[AlertRule]:
    """
    Read one rule that somebody declares by itself; ``features`` and ``plans`` are those known.

    Problems:
        Those of `alert_rule_from_document`; unknown_reference.
    """
    return read_alone(
        document, lambda fields: read_alert_rule(fields, features=features, plans=plans)
    )


def _read_steps(fields: Fields) -> tuple[Step, ...]:
    steps: list[Step] = []
    for part in fields.each("escalation"):
        minutes = part.read("after_minutes", WHOLE)
        after = timedelta(minutes=min(minutes, MINUTES_MAX))
        if minutes > MINUTES_MAX:
            message = f'"after_minutes" is {MINUTES_MAX} at most, 30 days'
            part.note("wrong_value", message, "after_minutes")
        if steps and after <= steps[-1].after:
            message = '"after_minutes" must be more than in the step before'
            part.note("wrong_value", message, "after_minutes")
        steps.append(Step(after=after, recipients=_recipients(part)))
        part.finish()
    if len(steps) > STEPS_MAX:
        message = f'"escalation" has at most {STEPS_MAX} steps'
        fields.note("wrong_value", message, "escalation")
    return tuple(steps)


def _read_group(fields: Fields) -> Group:
    inner = fields.inside("group")
    minutes = inner.read("minutes", WHOLE)
    if not 1 <= minutes <= GROUP_MINUTES_MAX:
        message = f'"minutes" is 1 to {GROUP_MINUTES_MAX}, a day'
        inner.note("wrong_value", message, "minutes")
    by = GroupBy(choose(inner, "by", [*GroupBy], default=GroupBy.ACCOUNT))
    inner.finish()
    return Group(within=timedelta(minutes=max(1, min(minutes, GROUP_MINUTES_MAX))), by=by)


def _recipients(fields: Fields) -> tuple[str, ...]:
    found = tuple(str(each) for each in fields.items("recipients"))
    for index, address in enumerate(found):
        if EMAIL.convert(address) is None:
            fields.note("wrong_type", f"must be {EMAIL.expected}", f"recipients[{index}]")
    if len(found) > RECIPIENTS_MAX:
        message = f'"recipients" has at most {RECIPIENTS_MAX} addresses'
        fields.note("wrong_value", message, "recipients")
    return tuple(dict.fromkeys(found))


def _reference(fields: Fields, name: str, known: Collection[str] | None) -> str:
    key = fields.read_or(name, KEY, "")
    if key and known is not None and key not in known:
        fields.note("unknown_reference", f'unknown {name} "{key}"{suggestion(key, known)}', name)
    return key


def _read_watch(fields: Fields) -> Watch:
    watched = Watched(choose(fields, "watched", [*Watched], default=Watched.USAGE))
    thresholds = []
    for part in fields.each("thresholds"):
        thresholds.append(_read_threshold(part))
        part.finish()
    watch = Watch(watched=watched, thresholds=tuple(thresholds))
    if fields.sound:
        for problem in watch_problems(watch):
            fields.note(problem.code, problem.message, problem.field)
    return watch


def _read_threshold(fields: Fields) -> Threshold:
    said = [name for name in _BASES if fields.has(name)]
    if len(said) != 1:
        message = f"a threshold says one of {', '.join(_BASES)}"
        fields.note("wrong_value", message, "percent")
    name = said[0] if said else "percent"
    return Threshold(
        amount=fields.read(name, NUMBER) if said else Decimal(1),
        basis=_BASES[name],
        recurring=fields.read_or("recurring", FLAG, default=False),
        rearm_by=fields.read_or("rearm_by", NUMBER, None),
        severity=Severity(choose(fields, "severity", [*Severity], default=Severity.WARNING)),
    )


def _read_quiet(fields: Fields) -> QuietHours | None:
    inner = fields.inside("quiet_hours")
    start, end = inner.read("start", _TIME), inner.read("end", _TIME)
    zone = inner.read("zone", ZONE)
    days = [str(each) for each in inner.items("days")] or [*DAYS]
    for index, day in enumerate(days):
        if day not in DAYS:
            message = f'unknown day "{day[:40]}"{suggestion(day, DAYS)}'
            inner.note("unknown_value", message, f"days[{index}]")
    inner.finish()
    if not inner.sound:
        return None
    try:
        begins = frozenset(DAYS.index(day) for day in days)
        return QuietHours(start=start, end=end, zone=zone, days=begins)
    except Misuse as refusal:
        inner.note("wrong_value", str(refusal), "")
        return None

"""Alert rules one by one: listed, set as a whole, deleted."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass

import msgspec

from tallystick.app.carrying_out import Decided, Effect, Preview, Unchanged, as_json, carried_out
from tallystick.app.clock import Clock
from tallystick.app.command import Caller, missing_scope
from tallystick.app.keys import Scope
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.catalog import (
    Action,
    AlertRule,
    Catalog,
    Change,
    alert_rule_document,
    alert_rule_problems,
    diff,
    read_one_alert_rule,
)
from tallystick.kernel import Done, Outcome, Refused, refuse


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAlertRule:
    """
    Let a rule stand as a document says it, whatever stood before.

    Attributes:
        key: of the rule.
        document: as in a catalog file; its ``key`` may be left out.
        dry_run: tell the difference and write nothing.
    """

    key: str
    document: Mapping[str, object]
    dry_run: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteAlertRule:
    """Delete a rule; ``dry_run``: tell what ends with it and write nothing."""

    key: str
    dry_run: bool = False


class DeletedAlertRule(msgspec.Struct, frozen=True, kw_only=True):
    """
    A rule that was, or with `dry_run` would be, deleted.

    `watching` counts what it has told of and forgets; alerts that were opened by it stay.
    """

    rule: dict[str, object]
    watching: int
    dry_run: bool


def list_alert_rules(
    caller: Caller, *, uow: UnitOfWork, after: str = "", limit: int = 100
) -> Outcome[tuple[AlertRule, ...]]:
    """
    Return alert rules by key, ascending, those after the given key.

    Problems:
        forbidden: the caller does not hold the scope ``read``.
    """
    unpermitted = missing_scope(caller, Scope.READ)
    if unpermitted is not None:
        return Refused((unpermitted,))
    with uow:
        found = uow.catalog.load_alert_rules()
    return Done(tuple(one for one in found if one.key > after)[:limit])


def get_alert_rule(key: str, *, caller: Caller, uow: UnitOfWork) -> Outcome[AlertRule]:
    """
    Return one alert rule.

    Problems:
        forbidden: the caller does not hold the scope ``read``; not_found: there is none.
    """
    unpermitted = missing_scope(caller, Scope.READ)
    if unpermitted is not None:
        return Refused((unpermitted,))
    with uow:
        found = _find(key, uow)
    return _unknown(key) if found is None else Done(found)


def set_alert_rule(
    command: SetAlertRule, *, caller: Caller, uow: UnitOfWork, clock: Clock
) -> Outcome[Change]:
    """
    Create or change a rule; a second time it is unchanged.

    Problems:
        forbidden: the caller does not hold the scope ``admin``.
        wrong_value: the document says another key than the command.
        Those of reading an alert rule, with the path of the field in the document.
        Those of an idempotency key.
    """
    unpermitted = missing_scope(caller, Scope.ADMIN)
    if unpermitted is not None:
        return Refused((unpermitted,))

    def decide() -> Decided[Change]:
        uow.catalog.lock()
        read = _read(command, uow)
        if isinstance(read, Refused):
            return read
        change, wanted = _change(read.value, uow)
        if command.dry_run:
            return Preview(answer=change)
        if change.action is Action.UNCHANGED:
            return Unchanged(answer=change)
        uow.catalog.save_definitions(wanted)
        details, subject = {"action": change.action.value}, f"alert-rule:{command.key}"
        return Effect(answer=change, subject=subject, at=clock.now(), details=details)

    return carried_out(command, decide, caller=caller, uow=uow, kept=as_json(Change))


def delete_alert_rule(
    command: DeleteAlertRule, *, caller: Caller, uow: UnitOfWork, clock: Clock
) -> Outcome[DeletedAlertRule]:
    """
    Delete a rule with what is remembered of it; its alerts and their responses stay.

    Letters and further steps that wait are not told by it any more. Another rule that is given the
    key begins afresh.

    Problems:
        forbidden: the caller does not hold the scope ``admin``; not_found: there is no such rule.
        Those of an idempotency key.
    """
    unpermitted = missing_scope(caller, Scope.ADMIN)
    if unpermitted is not None:
        return Refused((unpermitted,))

    def decide() -> Decided[DeletedAlertRule]:
        uow.catalog.lock()
        found = _find(command.key, uow)
        if found is None:
            return _unknown(command.key)
        deleted = DeletedAlertRule(
            rule=alert_rule_document(found),
            watching=uow.usage_alerts.count_states(command.key),
            dry_run=command.dry_run,
        )
        if command.dry_run:
            return Preview(answer=deleted)
        uow.usage_alerts.end_rule(command.key)
        details, subject = {"watching": deleted.watching}, f"alert-rule:{command.key}"
        return Effect(answer=deleted, subject=subject, at=clock.now(), details=details)

    return carried_out(command, decide, caller=caller, uow=uow, kept=as_json(DeletedAlertRule))


def _read(command: SetAlertRule, uow: UnitOfWork) -> Outcome[AlertRule]:
    said = command.document.get("key", command.key)
    if said != command.key:
        message = f'"key" is {str(said)[:80]!r}, and the rule is {command.key[:80]!r}; leave it out'
        return refuse("wrong_value", message, "key")
    known = uow.catalog.load_definitions()
    plans = {plan for plan, _ in known.plan_versions}
    document = {**command.document, "key": command.key}
    read = read_one_alert_rule(document, features=known.features, plans=plans)
    if isinstance(read, Refused):
        return read
    account = read.value.account
    if account is None or uow.accounts.load_account(account) is not None:
        return read
    paths: dict[tuple[str, Hashable], str] = {("alert_rules", command.key): ""}
    return Refused(tuple(alert_rule_problems({command.key: read.value}, (), paths=paths)))


def _change(rule: AlertRule, uow: UnitOfWork) -> tuple[Change, Catalog]:
    stood = _find(rule.key, uow)
    wanted = Catalog(alert_rules={rule.key: rule})
    stored = Catalog(alert_rules={} if stood is None else {rule.key: stood})
    (change,) = diff(stored, wanted)
    return change, wanted


def _find(key: str, uow: UnitOfWork) -> AlertRule | None:
    return next((one for one in uow.catalog.load_alert_rules() if one.key == key), None)


def _unknown(key: str) -> Refused:
    return refuse("not_found", f"there is no alert rule {key[:80]!r}", "key")

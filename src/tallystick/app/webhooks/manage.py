"""Adds, removes and lists webhooks, and changes their secrets."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from tallystick.app.audit import audit_record
from tallystick.app.carrying_out import Decided, Effect, Kept, carried_out
from tallystick.app.clock import Clock
from tallystick.app.command import Caller, missing_scope, remember, remembered
from tallystick.app.keys import Scope
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.app.webhooks.ports import WEBHOOKS_MAX, Webhook, WebhookFormat
from tallystick.app.webhooks.secrets import WebhookSecrets, shown
from tallystick.app.webhooks.topics import TOPICS
from tallystick.kernel import (
    Done,
    InvariantBroken,
    Outcome,
    Problem,
    Refused,
    derived_id,
    instant_text,
    nearest,
    refuse,
)

_URL_LENGTH_MAX = 500
_TOPICS_MAX = 50
_SHOWN_CHARS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class AddWebhook:
    """
    Tell an address of what happens.

    Attributes:
        url: where to; https, or http for hosts that the operator allows.
        topics: of what; empty: of everything.
        format: how it is told.
    """

    url: str
    topics: tuple[str, ...] = ()
    format: WebhookFormat = WebhookFormat.FACT


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeWebhook:
    """Give a webhook another secret, or with ``remove`` tell it no more."""

    id: str
    remove: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedWebhook:
    """A webhook, with its secret where it was just made."""

    webhook: Webhook
    secret: str = field(default="", repr=False)


def add_webhook(
    command: AddWebhook, *, caller: Caller, uow: UnitOfWork, secrets: WebhookSecrets, clock: Clock
) -> Outcome[ChangedWebhook]:
    """
    Add a webhook to the caller's workspace.

    Problems:
        forbidden: the caller lacks the scope ``admin``.
        wrong_value: the address cannot be one; too many topics.
        unknown_value: nothing is told under a topic.
        too_many: the workspace has as many as it may.
        Those of an idempotency key.
    """
    problems = tuple(_problems(command, caller))
    if problems:
        return Refused(problems)
    now = clock.now()

    def decide() -> Decided[ChangedWebhook]:
        uow.webhooks.lock()
        if len(uow.webhooks.list_webhooks()) >= WEBHOOKS_MAX:
            return refuse("too_many", f"a workspace has {WEBHOOKS_MAX} webhooks at most", "url")
        id = derived_id("hook", command.url, instant_text(now), caller.idempotency_key or "")
        webhook = Webhook(
            id=id,
            url=command.url,
            topics=command.topics,
            version=1,
            created_at=now,
            format=command.format,
        )
        uow.webhooks.add(webhook)
        return Effect(
            answer=_with_secret(webhook, caller, secrets), subject=f"webhook:{id}", at=now
        )

    kept = Kept(
        write=lambda made: made.webhook.id.encode(),
        read=lambda id: Done(_with_secret(_found(uow, id.decode()), caller, secrets)),
    )
    return carried_out(command, decide, caller=caller, uow=uow, kept=kept)


def change_webhook(
    command: ChangeWebhook,
    *,
    caller: Caller,
    uow: UnitOfWork,
    secrets: WebhookSecrets,
    clock: Clock,
) -> Outcome[ChangedWebhook]:
    """
    Give a webhook another secret, beside which the old one signs for a day; or remove it.

    Problems:
        forbidden: the caller lacks the scope ``admin``.
        unknown_webhook: there is none of this id.
        Those of an idempotency key.
    """
    unpermitted = missing_scope(caller, Scope.ADMIN)
    if unpermitted is not None:
        return Refused((unpermitted,))
    now = clock.now()
    with uow:
        told = remembered(uow, caller, command)
        if isinstance(told, Refused):
            return told
        webhook = uow.webhooks.find(command.id)
        if webhook is None:
            return _unknown(command.id)
        if told.value is None:
            changed = (
                replace(webhook, removed_at=now)
                if command.remove
                else replace(webhook, version=webhook.version + 1, rotated_at=now)
            )
            if not uow.webhooks.change(changed):
                return _unknown(command.id)
            subject = f"webhook:{webhook.id}"
            uow.audit.append(audit_record(caller, command, subject=subject, at=now))
            remember(uow, caller, command, webhook.id.encode())
            uow.commit()
            webhook = changed
    if command.remove:
        return Done(ChangedWebhook(webhook=webhook))
    return Done(_with_secret(webhook, caller, secrets))


def list_webhooks(caller: Caller, *, uow: UnitOfWork) -> Outcome[tuple[Webhook, ...]]:
    """
    Return the webhooks that stand, by id.

    Problems:
        forbidden: the caller lacks the scope ``admin``.
    """
    unpermitted = missing_scope(caller, Scope.ADMIN)
    if unpermitted is not None:
        return Refused((unpermitted,))
    with uow:
        return Done(uow.webhooks.list_webhooks())


def _problems(command: AddWebhook, caller: Caller) -> Iterator[Problem]:
    unpermitted = missing_scope(caller, Scope.ADMIN)
    if unpermitted is not None:
        yield unpermitted
    if not _is_address(command.url):
        message = f"an address is https://host/path of {_URL_LENGTH_MAX} signs at most, no password"
        yield Problem(code="wrong_value", message=message, field="url")
    yield from _topic_problems(command.topics)


def _topic_problems(topics: Sequence[str]) -> Iterator[Problem]:
    if len(topics) > _TOPICS_MAX:
        message = f"{_TOPICS_MAX} topics at most; none stands for everything"
        yield Problem(code="wrong_value", message=message, field="topics")
        return
    for index, topic in enumerate(topics):
        if topic not in TOPICS:
            near = nearest(topic, TOPICS)
            meant = f"did you mean {near}?" if near else f"there are {', '.join(sorted(TOPICS))}"
            message = f"nothing is told under the name {topic[:_SHOWN_CHARS]!r}; {meant}"
            yield Problem(code="unknown_value", message=message, field=f"topics[{index}]")


def _is_address(url: str) -> bool:
    if len(url) > _URL_LENGTH_MAX or not url.isprintable() or " " in url:
        return False
    try:
        parts = urlsplit(url)
        known = parts.scheme in {"https", "http"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return known and parts.username is None and not parts.fragment


def _unknown(id: str) -> Refused:
    return refuse("unknown_webhook", f"there is no webhook {id[:80]!r}", "id")


def _found(uow: UnitOfWork, id: str) -> Webhook:
    found = uow.webhooks.find(id)
    if found is None:
        raise InvariantBroken("a webhook that was added before is gone")
    return found


def _with_secret(webhook: Webhook, caller: Caller, secrets: WebhookSecrets) -> ChangedWebhook:
    secret = secrets.of(caller.workspace, webhook.id, webhook.version)
    return ChangedWebhook(webhook=webhook, secret=shown(secret))

"""
What is asked of the server about quotas, and what it answers, as they stand on the wire.

Each question is a struct that knows its path; a question that changes something carries an id made
by whoever asks, so that it can be asked again when its answer is lost. Quantities are exact and
travel as text.
"""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import ClassVar

import msgspec

from tallystick.client.exchange import Request, question
from tallystick.kernel import plain

REQUESTS_MAX = 1_000
SECONDS_MAX = 3_600
_ONE = Decimal(1)
_NOTHING = Decimal(0)


class Check(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """May so much more be used? Nothing is taken."""

    path: ClassVar[str] = "/v1/quota/check"
    account: str
    feature: str
    quantity: Decimal = _ONE
    operation: str = ""


class Consume(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """
    Use so much; (source, id) is the event's identity.

    `happened`: it was let through while the server could not be asked, at `time`; the server
    records it in any case, and tells what it would have decided.
    """

    path: ClassVar[str] = "/v1/quota/consume"
    account: str
    feature: str
    source: str
    id: str
    quantity: Decimal = _ONE
    operation: str = ""
    data: dict[str, object] | None = None
    happened: bool = False
    time: datetime | None = None


class Reserve(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Hold so much for a time, under an id made by whoever asks."""

    path: ClassVar[str] = "/v1/quota/reserve"
    account: str
    feature: str
    reservation: str
    quantity: Decimal = _ONE
    seconds: int = 300
    operation: str = ""


class Commit(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Use so much of what is reserved; the rest is released."""

    path: ClassVar[str] = "/v1/quota/commit"
    reservation: str
    source: str
    id: str
    quantity: Decimal
    data: dict[str, object] | None = None


class Release(msgspec.Struct, frozen=True, kw_only=True):
    """Give back what is reserved."""

    path: ClassVar[str] = "/v1/quota/release"
    reservation: str


class TakeLease(msgspec.Struct, frozen=True, kw_only=True):
    """Take up to so much, to be spent without asking, under an id made by whoever asks."""

    path: ClassVar[str] = "/v1/quota/lease"
    account: str
    feature: str
    quantity: Decimal
    lease: str
    seconds: int = 60


class Spent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One use that was decided from a lease, at `time`."""

    source: str
    id: str
    quantity: Decimal
    data: dict[str, object] | None = None
    time: datetime | None = None


class Report(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Tell what was spent of a lease; with `close` the rest is given back."""

    path: ClassVar[str] = "/v1/quota/report"
    lease: str
    events: tuple[Spent, ...] = ()
    close: bool = False


class Acquire(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Take a place of a level for what exists under `unit`."""

    path: ClassVar[str] = "/v1/quota/acquire"
    account: str
    feature: str
    unit: str
    quantity: Decimal = _ONE


class GiveBack(msgspec.Struct, frozen=True, kw_only=True):
    """Give back the place of what is gone."""

    path: ClassVar[str] = "/v1/quota/give-back"
    account: str
    feature: str
    unit: str


Asked = Check | Consume | Reserve | Commit | Release | TakeLease | Report | Acquire | GiveBack


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """What would allow more: the plan, and a sentence for people."""

    plan: str = ""
    text: str = ""


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """
    A lease or reservation as it stands.

    Attributes:
        key: the id under which it was taken.
        granted, spent: exact; `granted` is all of it.
        expires_at: by the server's clock.
        seconds: how long that is from the decision on.
    """

    key: str
    granted: Decimal
    spent: Decimal = _NOTHING
    expires_at: datetime
    seconds: int


class NotCounted(msgspec.Struct, frozen=True, kw_only=True):
    """A use of a report that the server cannot count, by its event, and why."""

    source: str
    id: str
    message: str


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """
    The answer to each question.

    Attributes:
        reason: why; see docs/quotas/client.md for those that the client itself gives.
        limit, remaining: None where there is no limit, or where it is not known here.
        overage: the part of the quantity that lies beyond the limit.
        limited_by: the feature whose limit is told, where another on the same meter decides.
        resets_at: when the window begins anew.
        offer: what would allow more.
        value: of a feature of kind `value`.
        duplicate: the same id was asked before; this is the first answer again.
        not_counted: of a report the uses that cannot be counted; all others are.
        message: for people.
        degraded: decided without the server, by what the feature declares for that.
    """

    allowed: bool
    reason: str
    account: str = ""
    feature: str = ""
    quantity: Decimal = _ONE
    limit: Decimal | None = None
    used: Decimal | None = None
    held: Decimal | None = None
    remaining: Decimal | None = None
    overage: Decimal = _NOTHING
    limited_by: str = ""
    resets_at: datetime | None = None
    retry_at: datetime | None = None
    retry_after_seconds: int | None = None
    offer: Offer | None = None
    value: str = ""
    duplicate: bool = False
    lease: Held | None = None
    reservation: Held | None = None
    not_counted: tuple[NotCounted, ...] = ()
    message: str = ""
    degraded: bool = False


class _Decisions(msgspec.Struct, frozen=True, kw_only=True):
    decisions: tuple[Decision, ...]


def ask_request(asked: Asked) -> Request:
    """
    Return the request of one question; it may be sent again.

    Example:
        >>> sent = ask_request(Check(account="acme", feature="api-calls", quantity=Decimal("1E3")))
        >>> sent.path, sent.body
        ('/v1/quota/check', b'{"account":"acme","feature":"api-calls","quantity":"1000"}')
    """
    return question(asked.path, _wire(asked))


def ask_all_request(asked: Sequence[Asked]) -> Request:
    """
    Return the request of several questions of one kind, at most REQUESTS_MAX.

    Raises:
        ValueError: there are none, too many, or several kinds.
    """
    paths = {each.path for each in asked}
    if len(paths) != 1 or len(asked) > REQUESTS_MAX:
        msg = f"ask 1 to {REQUESTS_MAX} questions of one kind at a time; these are {len(asked)}"
        raise ValueError(msg)
    return question(paths.pop(), {"requests": [_wire(each) for each in asked]})


def decided(body: bytes) -> Decision:
    """Return the decision of an answer to one question."""
    return msgspec.json.decode(body, type=Decision)


def all_decided(body: bytes) -> tuple[Decision, ...]:
    """Return the decisions of an answer to several questions, in their order."""
    return msgspec.json.decode(body, type=_Decisions).decisions


def _wire(asked: Asked) -> object:
    """Return a question as it is written: quantities without exponents."""
    document = msgspec.to_builtins(asked, builtin_types=(Decimal, datetime))
    _write_plainly(document)
    for event in document.get("events", ()):
        _write_plainly(event)
    return document


def _write_plainly(document: dict[str, object]) -> None:
    quantity = document.get("quantity")
    if isinstance(quantity, Decimal):
        document["quantity"] = plain(quantity)

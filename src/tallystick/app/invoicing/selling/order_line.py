"""Orders a line for the next regular document of a contract, and takes orders back."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from tallystick.app.carrying_out import NOTHING, Decided, Effect, as_json, carried_out
from tallystick.app.clock import Clock
from tallystick.app.command import Caller, missing_scope
from tallystick.app.invoicing.load_basis import load_subscription_basis
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.catalog import ManualKind, ManualLine, Subscription
from tallystick.invoicing import (
    Billed,
    Purpose,
    manual_line_problems,
    missing_documents,
    ordered_key,
    waiting_orders,
)
from tallystick.kernel import (
    Done,
    InvoiceId,
    Outcome,
    Problem,
    Refused,
    SubscriptionKey,
    instant_text,
    refuse,
)
from tallystick.subscriptions import manual_line_id

_MOMENT = timedelta(microseconds=1)


class LineState(StrEnum):
    """Whether an ordered line waits for a document, or stands on one."""

    WAITING = "waiting"
    BILLED = "billed"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLine:
    """
    Put a line on the next regular document of a contract.

    Attributes:
        unit_price: of one, in major units of the contract's currency; below 0 gives back.
        start, end: of the service, half-open; None: it is done now.
        reason: why; kept with the order.
    """

    subscription: SubscriptionKey
    kind: ManualKind
    code: str
    unit_price: str
    reason: str
    description: str = ""
    quantity: str = "1"
    unit: str = ""
    tax_category: str = ""
    start: datetime | None = None
    end: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeLineBack:
    """Take the ordered line of an id back, before it is billed."""

    subscription: SubscriptionKey
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderedLine:
    """An ordered line, its id, and the document on which it stands; None: it waits."""

    id: str
    line: ManualLine
    state: LineState
    document: InvoiceId | None = None


def order_line(
    command: OrderLine, *, caller: Caller, uow: UnitOfWork, clock: Clock
) -> Outcome[OrderedLine]:
    """
    Keep an order; the next document that opens or closes a period bills it.

    Problems:
        forbidden: the caller lacks the scope ``billing``.
        contract_over: the contract has ended, and no document of a period is due any more.
        repeated_line: a line of this kind and code that begins at this instant stands already.
        Those of `manual_line_problems` and `load_subscription_basis`.
    """
    unpermitted = missing_scope(caller, "billing")
    if unpermitted is not None:
        return Refused((unpermitted,))
    now = clock.now()
    line = _line(command, caller, now)
    if problems := tuple(manual_line_problems(line)):
        return Refused(problems)

    def decide() -> Decided[OrderedLine]:
        uow.invoices.lock(command.subscription)
        problem = _order_problem(command, line, uow, at=now)
        if problem is not None:
            return Refused((problem,))
        uow.subscriptions.order_line(command.subscription, line)
        ordered = OrderedLine(
            id=manual_line_id(command.subscription, line), line=line, state=LineState.WAITING
        )
        subject, details = f"subscription:{command.subscription}", {"ordered": ordered.id}
        return Effect(answer=ordered, subject=subject, at=now, details=details)

    return carried_out(command, decide, caller=caller, uow=uow, kept=as_json(OrderedLine))


def take_line_back(
    command: TakeLineBack, *, caller: Caller, uow: UnitOfWork, clock: Clock
) -> Outcome[None]:
    """
    Take an order back that no document has billed.

    Problems:
        forbidden: the caller lacks the scope ``billing``.
        unknown_line: the contract has none of this id.
        already_billed: it stands on a document; give it back with a credit note.
    """
    unpermitted = missing_scope(caller, "billing")
    if unpermitted is not None:
        return Refused((unpermitted,))

    def decide() -> Decided[None]:
        uow.invoices.lock(command.subscription)
        found = next(
            (one for one in _ordered(uow, command.subscription) if one.id == command.id), None
        )
        if found is None:
            message = f"{command.subscription} has no ordered line {command.id}"
            return refuse("unknown_line", message, "id")
        if found.state is LineState.BILLED:
            message = f"{found.document} bills the line; credit it there"
            return refuse("already_billed", message, "id")
        uow.subscriptions.take_line_back(command.subscription, found.line)
        subject = f"subscription:{command.subscription}"
        return Effect(answer=None, subject=subject, at=clock.now())

    return carried_out(command, decide, caller=caller, uow=uow, kept=NOTHING)


def list_lines(
    subscription: SubscriptionKey, *, caller: Caller, uow: UnitOfWork
) -> Outcome[tuple[OrderedLine, ...]]:
    """
    Return the ordered lines of a contract that stand, in the order in which they were ordered.

    Problems:
        forbidden: the caller lacks the scope ``read``.
        not_found: no such subscription, or not of the caller's account.
    """
    unpermitted = missing_scope(caller, "read")
    if unpermitted is not None:
        return Refused((unpermitted,))
    with uow:
        contract = uow.subscriptions.load_subscription(subscription)
        if contract is None or caller.account not in (None, contract.account):
            return refuse("not_found", f"no subscription {subscription!r}", "key")
        return Done(_ordered(uow, subscription))


def _line(command: OrderLine, caller: Caller, now: datetime) -> ManualLine:
    start = command.start or now
    return ManualLine(
        kind=command.kind,
        code=command.code,
        description=command.description or command.code,
        unit_price=command.unit_price,
        start=instant_text(start),
        end=instant_text(command.end or start + _MOMENT),
        reason=command.reason,
        by=caller.actor,
        quantity=command.quantity,
        unit=command.unit,
        tax_category=command.tax_category,
    )


def _order_problem(
    command: OrderLine, line: ManualLine, uow: UnitOfWork, *, at: datetime
) -> Problem | None:
    basis = load_subscription_basis(uow, uow.catalog.load_definitions(), command.subscription)
    if isinstance(basis, Refused):
        return basis.problems[0]
    contract = basis.value.subscription
    ids = {manual_line_id(contract.key, one) for one in contract.manual}
    if manual_line_id(contract.key, line) in ids:
        message = f"a line {line.kind} {line.code} that begins at {line.start} was ordered already"
        return Problem(code="repeated_line", message=message, field="code")
    if contract.end is not None and contract.end <= at:
        billed = uow.invoices.load_billed(contract.key)
        due = {one.purpose for one in missing_documents(basis.value, billed, through=at)}
        if not due & {Purpose.OPENING, Purpose.PERIOD}:
            message = f"{contract.key} is over and billed; sell it once, on a document of its own"
            return Problem(code="contract_over", message=message, field="subscription")
    return None


def _ordered(uow: UnitOfWork, key: SubscriptionKey) -> tuple[OrderedLine, ...]:
    contract = uow.subscriptions.load_subscription(key)
    if contract is None or not contract.manual:
        return ()
    billed = uow.invoices.load_billed(key)
    waiting = waiting_orders(contract, billed)
    return tuple(_shown(contract, line, billed, waits=line in waiting) for line in contract.manual)


def _shown(
    contract: Subscription, line: ManualLine, billed: tuple[Billed, ...], *, waits: bool
) -> OrderedLine:
    found = OrderedLine(id=manual_line_id(contract.key, line), line=line, state=LineState.WAITING)
    if waits:
        return found
    key = ordered_key(contract.key, line)
    documents = [one.document for one in billed if one.key == key and one.corrects is None]
    return replace(found, state=LineState.BILLED, document=documents[-1])

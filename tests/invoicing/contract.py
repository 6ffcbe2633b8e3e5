"""A contract that is billed as time goes on, from values: documents are issued and verified."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from tallystick.catalog import Alignment, ContractChange, PlanVersion, Proration, Subscription
from tallystick.currency import DatedRate, PublishedRate, choose_rate
from tallystick.invoicing import (
    Basis,
    Claim,
    CreditedLine,
    CreditKind,
    CreditOrder,
    Disposition,
    Due,
    Facts,
    Invoice,
    Line,
    NoteFacts,
    Purpose,
    VoidOrder,
    as_agreed_for,
    as_billed,
    basis_document,
    basis_from_document,
    beside,
    billed_within,
    document_of,
    draft_invoice,
    draft_note,
    folding,
    issued,
    missing_documents,
    passes_threshold,
    questions,
    replayed_items,
    running_period,
    verify_document,
    wanted_rates,
)
from tallystick.invoicing import answer as answered
from tallystick.kernel import (
    AccountKey,
    Done,
    Interval,
    IntervalUnit,
    Money,
    PlanKey,
    PriceKey,
    SubjectSpan,
    SubscriptionKey,
    WorkspaceId,
    digest,
    time_zone,
)
from tallystick.metering import Event, Meter, Reach
from tallystick.pricing import FlatPrice, Price, UnitPrice

MONTH = Interval(count=1, of=IntervalUnit.MONTH)
QUARTER = Interval(count=1, of=IntervalUnit.QUARTER)
YEAR = Interval(count=1, of=IntervalUnit.YEAR)


def fee(amount: str, *, key: str = "base", arrears: bool = False) -> Price:
    """Return a fee per period."""
    return Price(
        key=PriceKey(key),
        model=FlatPrice(amount=Decimal(amount)),
        currency="USD",
        cadence="arrears" if arrears else "advance",
    )


def seats(amount: str, *, key: str = "seats") -> Price:
    """Return a fee per seat and period."""
    return Price(
        key=PriceKey(key),
        model=UnitPrice(unit_price=Decimal(amount)),
        currency="USD",
        cadence="advance",
    )


def plan(
    name: str, *prices: Price, interval: Interval = MONTH, calendar: bool = True
) -> PlanVersion:
    """Return version 1 of a plan."""
    return PlanVersion(
        plan=PlanKey(name),
        version=1,
        name=name,
        currency="USD",
        interval=interval,
        alignment=Alignment.CALENDAR if calendar else Alignment.ANNIVERSARY,
        prices=prices,
        proration=Proration.DAY,
    )


def day(text: str, zone: str = "UTC") -> datetime:
    """Return an instant: the local midnight of a date, or a local time."""
    return datetime.fromisoformat(text).replace(tzinfo=time_zone(zone)).astimezone(UTC)


def to_plan(at: datetime, wanted: PlanVersion, *, anchor: str | None = None) -> ContractChange:
    """Return a change to another plan."""
    return ContractChange(
        at=at,
        plan=wanted.plan,
        version=wanted.version,
        anchor=None if anchor is None else date.fromisoformat(anchor),
    )


@dataclass(kw_only=True)
class Contract:
    """What is agreed, what was issued, and what was used."""

    basis: Basis
    documents: list[Invoice] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    reaches: list[Reach] = field(default_factory=list)
    through: datetime | None = None
    published: list[PublishedRate] = field(default_factory=list)
    issued_on: date | None = None

    def agree(self, *changes: ContractChange, plans: Sequence[PlanVersion] = ()) -> None:
        """Add changes to those agreed before."""
        contract = self.basis.subscription
        known = {(one.plan, one.version): one for one in (*self.basis.plans, *plans)}
        self.basis = replace(
            self.basis,
            subscription=replace(contract, changes=(*contract.changes, *changes)),
            later_plans=tuple(known.values())[1:],
        )

    def end(self, at: datetime) -> None:
        """End the contract."""
        self.basis = replace(self.basis, subscription=replace(self.basis.subscription, end=at))

    def bill(self, through: datetime) -> list[Invoice]:
        """Issue all that is due by an instant, verify it, and see that nothing more is due."""
        position = 1 + max((event.position for event in self.events), default=0)
        made: list[Invoice] = []
        billed, whole = as_billed(self.documents), self.basis.subscription
        dues = missing_documents(self.basis, billed, through=through)
        self.basis = as_agreed_for(self.basis, dues, billed)
        for due in dues:
            made += self._issue(due, position, through)
        self.basis = replace(self.basis, subscription=whole)
        again = missing_documents(self.basis, as_billed(self.documents), through=through)
        for due in again:
            assert self._issue(due, position, through) == [], "a second run finds something to do"
        return made

    def look(self, at: datetime) -> list[Invoice]:
        """Issue what usage within the running period is due for a threshold, and verify it."""
        due = running_period(self.basis, at)
        if due is None:
            return []
        billed = as_billed(self.documents)
        before = list(self.documents)
        position = 1 + max((event.position for event in self.events), default=0)
        made = self._issue(due, position, at)
        if made and passes_threshold(self.basis, made[0], billed, at=at):
            return made
        self.documents = before
        return []

    def order(self, order: VoidOrder | CreditOrder, document: Invoice, on: datetime) -> Invoice:
        """Issue the credit note that a person orders on a document, and verify it."""
        issue_on = self.issued_on or on.astimezone(time_zone(self.basis.zone)).date()
        outcome = draft_note(
            NoteFacts(
                original=document,
                basis=self.basis,
                order=order,
                history=tuple(self.documents),
                billed=as_billed(self.documents),
                issue_on=issue_on,
            )
        )
        assert isinstance(outcome, Done), outcome
        note = self._number(outcome.value, issue_on, replace(self.basis, order=order))
        self.documents.append(note)
        return note

    def _number(self, draft: Invoice, issue_on: date, basis: Basis) -> Invoice:
        """Return a draft as it is issued; it verifies."""
        number = f"T-{len(self.documents) + 1}"
        due_on = issue_on + timedelta(days=14)
        document = issued(draft, number=number, issued_on=issue_on, due_on=due_on)
        self._verify(document, basis)
        return document

    def _issue(self, due: Due, position: int, on: datetime) -> list[Invoice]:
        billed = as_billed(self.documents)
        issue_on = self.issued_on or on.astimezone(time_zone(self.basis.zone)).date()
        self._take_rates(due, issue_on)
        is_within = due.purpose is Purpose.THRESHOLD
        rated = billed
        billed = billed_within(self.basis, billed, due) if is_within else billed
        items = replayed_items(self.basis, period=due.period, purpose=due.purpose, billed=billed)
        answers = tuple(
            answer
            for question in questions(
                self.basis,
                (*items, *beside(self.basis, items)),
                position=position,
                until=due.at if is_within else None,
            )
            for answer in answered(question, folding(self.events))
        )
        outcome = draft_invoice(
            Facts(
                basis=self.basis,
                period=due.period,
                purpose=due.purpose,
                position=position,
                measured=answers,
                billed=billed,
                rated=rated,
                reaches=tuple(self.reaches),
                tzdata_version="2026a",
                issue_on=issue_on,
            )
        )
        assert isinstance(outcome, Done), outcome
        made = []
        for draft in outcome.value.documents:
            document = self._number(draft, issue_on, self.basis)
            self.documents.append(document)
            made.append(document)
        return made

    def _take_rates(self, due: Due, issue_on: date) -> None:
        """Put the published rates of all tax points into the basis, as the billing run does."""
        basis, billed = self.basis, as_billed(self.documents)
        items = replayed_items(basis, period=due.period, purpose=due.purpose, billed=billed)
        found = []
        for one in wanted_rates(basis, items, billed=billed, issue_on=issue_on):
            rate = choose_rate(self.published, one.base, one.quote, on=one.day, rule=one.rule)
            if isinstance(rate, Done):
                found.append(DatedRate(day=one.day, rate=rate.value))
        self.basis = replace(basis, rates=tuple(found))

    def _verify(self, document: Invoice, basis: Basis) -> None:
        claim = Claim(
            invoice=document,
            digest=digest(document_of(document)),
            basis=basis,
            basis_digest=digest(basis_document(basis)),
            previous=tuple(self.documents),
        )
        outcome = verify_document(claim, self.events)
        assert isinstance(outcome, Done), outcome
        again = basis_from_document(basis_document(basis))
        assert isinstance(again, Done), again
        assert basis_document(again.value) == basis_document(basis)


def subscribed(  # noqa: PLR0913 - a contract has that many facts
    first: PlanVersion,
    start: datetime,
    *,
    anchor: str | None = None,
    zone: str = "UTC",
    trial_end: datetime | None = None,
    quantities: dict[str, str] | None = None,
    meters: Sequence[Meter] = (),
) -> Contract:
    """Return a contract that begins with a plan."""
    local = start.astimezone(time_zone(zone)).date()
    contract = Subscription(
        key=SubscriptionKey("s"),
        account=AccountKey("a"),
        plan=first.plan,
        version=first.version,
        legal_entity="main",
        start=start,
        anchor=local if anchor is None else date.fromisoformat(anchor),
        trial_end=trial_end,
        quantities=tuple(
            (PriceKey(key), Decimal(number)) for key, number in (quantities or {}).items()
        ),
    )
    return Contract(
        basis=Basis(
            workspace=WorkspaceId("w"),
            legal_entity="main",
            payer=AccountKey("a"),
            zone=zone,
            subscription=contract,
            plan=first,
            meters=tuple(meters),
            spans=(),
        )
    )


def take_back(contract: Contract, document: Invoice, *, anew: bool, on: datetime) -> Invoice:
    """Void a document, to be billed anew by the next run or not at all."""
    way = Disposition.REBILL if anew else Disposition.WAIVE
    return contract.order(
        VoidOrder(document=document.id, disposition=way, reason="wrong"), document, on
    )


def give_back(
    contract: Contract, document: Invoice, line: Line, *, minor: int, on: datetime
) -> Invoice:
    """Give back some of a line by hand."""
    amount = Money(minor=minor, currency=document.currency)
    order = CreditOrder(
        document=document.id,
        kind=CreditKind.GOODWILL,
        reason="kind",
        lines=(CreditedLine(line=line.id, amount=f"{amount.decimal:f}"),),
    )
    return contract.order(order, document, on)


def shown(documents: Sequence[Invoice]) -> list[str]:
    """Return each line as a person would note it: price, days, money."""
    return [
        f"{line.key.price} {line.key.period.start:%m-%d}..{line.key.period.end:%m-%d} "
        f"{line.money.decimal:f}"
        for document in documents
        for line in document.lines
    ]


def total(documents: Sequence[Invoice]) -> str:
    """Return what documents come to."""
    return f"{sum((line.money.decimal for one in documents for line in one.lines), Decimal(0)):f}"


def used(contract: Contract, type: str, at: datetime, times: int = 1, data: str = "{}") -> None:
    """Let the contract's one resource use something, a second apart."""
    for index in range(times):
        position = len(contract.events) + 1
        when = at + timedelta(seconds=index)
        contract.events.append(
            Event(
                workspace=WorkspaceId("w"),
                source="test",
                id=f"e{position}",
                type=type,
                subject="vm",
                used_at=when,
                received_at=when,
                sequence="",
                data=data,
                position=position,
            )
        )


def metered(first: PlanVersion, *meters: Meter, start: str = "2026-03-01") -> Contract:
    """Return a contract, from March on unless told, whose usage is that of one resource."""
    contract = subscribed(first, day(start), meters=meters)
    spans = (SubjectSpan(subject="vm", start=None, end=None),)
    contract.basis = replace(contract.basis, spans=spans)
    return contract

"""`/v1/journal`: every movement of money, balanced, and what books say of it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from litestar import Response, Router, get, post
from litestar.params import Parameter

from tallystick.api.answers import value_of
from tallystick.api.authentication import needs
from tallystick.api.instants import utc_if_given
from tallystick.api.paging import Page, PageRequest
from tallystick.api.routes.bookkeeping.units import unit_named
from tallystick.api.schemas import EntryAnswer, wire_from_entry
from tallystick.api.schemas.books import (
    ExportedAnswer,
    ExportOrder,
    ExportsAnswer,
    LockedAnswer,
    LockOrder,
    RecognitionOrder,
    RevenueAnswer,
    ScheduleAnswer,
    StatementAnswer,
    TrialBalanceAnswer,
    lock_from_wire,
    wire_from_day,
    wire_from_export,
    wire_from_locked,
    wire_from_scheduled,
    wire_from_statement,
    wire_from_trial,
)
from tallystick.app.command import Caller
from tallystick.app.invoicing import RevenueByDay, revenue_by_day
from tallystick.app.keys import Scope
from tallystick.app.ledger import (
    BooksQuestion,
    ExportJournal,
    RecognizeRevenue,
    export_journal,
    list_entries,
    list_exports,
    lock_months,
    read_export,
    read_schedule,
    read_statement,
    read_trial_balance,
    recognize_revenue,
)
from tallystick.bootstrap.engines import Application
from tallystick.integrations.journal_files import beancount_text, csv_text
from tallystick.kernel import AccountKey, instant, instant_text
from tallystick.ledger import AccountQuestion, PostedEntry

READ, BILLING, TAGS = needs(Scope.READ), needs(Scope.BILLING), ["journal"]
Books = Annotated[
    str | None, Parameter(description="Key of a legal entity; without it, the only one.")
]
AsOf = Annotated[datetime | None, Parameter(description="Entries effective up to then count.")]
Position = Annotated[
    int | None, Parameter(ge=0, description="Entries up to this position count: what was known.")
]


@get("/", opt=READ, tags=TAGS, sync_to_thread=True, summary="List")
def journal(application: Application, caller: Caller, page: PageRequest) -> Page[EntryAnswer]:
    """List entries by the instant from which they count."""
    uow = application.units(caller.workspace)
    after = _place(page.after)
    found = value_of(list_entries(caller, uow=uow, after=after, limit=page.limit + 1))
    return page.page(found, _text, wire=wire_from_entry)


@get("/trial-balance", opt=READ, tags=TAGS, sync_to_thread=True, summary="Show the trial balance")
def trial_balance(
    application: Application,
    caller: Caller,
    books: Books = None,
    as_of: AsOf = None,
    position: Position = None,
) -> TrialBalanceAnswer:
    """Show all balances of some books; asked with a position it says the same for ever."""
    question = BooksQuestion(books=books, as_of=utc_if_given("as_of", as_of), position=position)
    uow = application.units(caller.workspace)
    return wire_from_trial(value_of(read_trial_balance(caller, question, uow=uow)))


@get("/statement", opt=READ, tags=TAGS, sync_to_thread=True, summary="Show an account's statement")
def statement(  # noqa: PLR0913 - each parameter of the question is one of the function
    application: Application,
    caller: Caller,
    *,
    account: Annotated[str, Parameter(description="A chart account, as receivable:acme.")],
    currency: Annotated[str, Parameter(description="ISO 4217 code, or that of a custom unit.")],
    since: Annotated[datetime | None, Parameter(description="Movements before are summed.")] = None,
    books: Books = None,
    as_of: AsOf = None,
    position: Position = None,
) -> StatementAnswer:
    """List what moved an account in one currency, and its balance after each movement."""
    question = BooksQuestion(books=books, as_of=utc_if_given("as_of", as_of), position=position)
    wanted = AccountQuestion(
        account=account, unit=unit_named("currency", currency), since=utc_if_given("since", since)
    )
    uow = application.units(caller.workspace)
    return wire_from_statement(value_of(read_statement(caller, question, wanted, uow=uow)))


@post("/locks", opt=BILLING, tags=TAGS, sync_to_thread=True, status_code=200, summary="Lock months")
def lock(data: LockOrder, application: Application, caller: Caller) -> LockedAnswer:
    """
    Lock all months up to one: they take no entry any more.

    Corrections are booked in the first open month. A month that is not over, or for which deferred
    revenue waits, is not locked. Opening what was locked needs the scope `admin`.
    """
    uow, clock = application.units(caller.workspace), application.clock
    outcome = lock_months(lock_from_wire(data), caller=caller, uow=uow, clock=clock)
    return wire_from_locked(value_of(outcome))


@get("/schedule", opt=READ, tags=TAGS, sync_to_thread=True, summary="Show deferred revenue")
def schedule(application: Application, caller: Caller, books: Books = None) -> ScheduleAnswer:
    """Show what waits to be earned, by month and price."""
    found = read_schedule(caller, uow=application.units(caller.workspace), books=books)
    return ScheduleAnswer(items=tuple(wire_from_scheduled(each) for each in value_of(found)))


@get("/revenue", opt=READ, tags=TAGS, sync_to_thread=True, summary="Show revenue by days")
def revenue(
    application: Application,
    caller: Caller,
    since: Annotated[date, Parameter(description="The first day.")],
    until: Annotated[date, Parameter(description="The last day.")],
    account: Annotated[str | None, Parameter(description="Of this account alone.")] = None,
) -> RevenueAnswer:
    """
    Show what was earned on each day, and what was deferred and unbilled at its end.

    Usage is earned on the day on which it was used, also before a document charges it.
    """
    question = RevenueByDay(
        since=since, until=until, account=None if account is None else AccountKey(account)
    )
    uow, sources = application.units(caller.workspace), application.billing_sources
    found = value_of(revenue_by_day(question, caller=caller, uow=uow, sources=sources))
    return RevenueAnswer(items=tuple(wire_from_day(each) for each in found))


@post(
    "/recognitions",
    opt=BILLING,
    tags=TAGS,
    sync_to_thread=True,
    status_code=200,
    summary="Recognize revenue",
)
def recognize(
    data: RecognitionOrder, application: Application, caller: Caller
) -> Page[EntryAnswer]:
    """Book as earned what waits for months that are over; a second call finds nothing."""
    uow, clock = application.units(caller.workspace), application.clock
    command = RecognizeRevenue(books=data.books)
    posted = value_of(recognize_revenue(command, caller=caller, uow=uow, clock=clock))
    return Page(items=tuple(wire_from_entry(each) for each in posted))


@get("/exports", opt=READ, tags=TAGS, sync_to_thread=True, summary="List exports")
def exports(application: Application, caller: Caller) -> ExportsAnswer:
    """List all exports by books, name and number."""
    found = list_exports(caller, uow=application.units(caller.workspace))
    return ExportsAnswer(items=tuple(wire_from_export(each) for each in value_of(found)))


@post("/exports", opt=BILLING, tags=TAGS, sync_to_thread=True, status_code=200, summary="Export")
def export(data: ExportOrder, application: Application, caller: Caller) -> ExportedAnswer:
    """
    Begin an export of all entries that no export of this name holds yet.

    Each entry is in exactly one export of a name. The file is had by the number, any time.
    """
    uow, clock = application.units(caller.workspace), application.clock
    command = ExportJournal(books=data.books, name=data.name)
    made = value_of(export_journal(command, caller=caller, uow=uow, clock=clock))
    return ExportedAnswer(export=None if made is None else wire_from_export(made))


@get(
    "/exports/{name:str}/{number:int}/csv",
    opt=READ,
    tags=TAGS,
    sync_to_thread=True,
    summary="Get an export as CSV",
)
def export_csv(
    name: str, number: int, application: Application, caller: Caller, books: Books = None
) -> Response[bytes]:
    """Return the entries of an export as CSV, one row a posting."""
    wanted = ExportJournal(books=books, name=name)
    uow = application.units(caller.workspace)
    found = value_of(read_export(caller, wanted, number=number, uow=uow))
    return Response(csv_text(found).encode(), media_type="text/csv")


@get(
    "/exports/{name:str}/{number:int}/beancount",
    opt=READ,
    tags=TAGS,
    sync_to_thread=True,
    summary="Get an export for beancount",
)
def export_beancount(
    name: str, number: int, application: Application, caller: Caller, books: Books = None
) -> Response[bytes]:
    """Return the entries of an export as a plain-text ledger; those of a name follow each other."""
    wanted = ExportJournal(books=books, name=name)
    uow = application.units(caller.workspace)
    found = value_of(read_export(caller, wanted, number=number, uow=uow))
    return Response(beancount_text(found).encode(), media_type="text/plain")


def _text(posted: PostedEntry) -> str:
    return f"{instant_text(posted.entry.effective_at)} {posted.entry.id}"


def _place(after: str) -> tuple[datetime, str] | None:
    if not after:
        return None
    at, _, entry = after.partition(" ")
    return instant(at), entry


journal_router = Router(
    path="/journal",
    route_handlers=[
        journal,
        trial_balance,
        statement,
        lock,
        schedule,
        revenue,
        recognize,
        exports,
        export,
        export_csv,
        export_beancount,
    ],
)

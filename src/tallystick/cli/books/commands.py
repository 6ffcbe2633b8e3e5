"""`tallystick ledger`: balances, statements, locked months, deferred revenue, exports."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, cast

from cyclopts import App, Parameter

from tallystick.cli.connection import HERE, Session
from tallystick.cli.output import item_table, note
from tallystick.client import Request
from tallystick.kernel import EXACT, parse_decimal, plain

TRIAL = ("account", "currency", "debit#", "credit#")
MOVEMENTS = ("effective_at", "posted_in", "position#", "source", "amount#", "balance#")
REVENUE = ("day", "earned#", "recognised#", "deferred#", "unbilled#", "currency")
SCHEDULE = ("month", "price", "amount#", "currency")
ENTRIES = ("id", "books", "position#", "effective_at", "posted_in", "source")
EXPORTS = ("books", "name", "number#", "first_position#", "last_position#", "exported_at")
ENTITY_HELP = "Key of a legal entity; without it, the only one."
LONG_SECONDS = 3_600.0

ledger_app = App(
    name="ledger", help="Balances, statements, locked months, deferred revenue, exports."
)


class FileKind(StrEnum):
    """What an export is written as."""

    CSV = "csv"
    BEANCOUNT = "beancount"


@Parameter(name="*")
@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """
    Which books are looked at, and from where.

    Attributes:
        entity: whose books.
        as_of: entries effective up to then count.
        position: entries up to this position count.
    """

    entity: Annotated[str, Parameter(help=ENTITY_HELP)] = ""
    as_of: Annotated[str, Parameter(help="As of an instant, as 2026-01-31T23:59:59Z.")] = ""
    position: Annotated[int | None, Parameter(help="What was known at a position.")] = None

    @property
    def query(self) -> dict[str, str]:
        position = "" if self.position is None else str(self.position)
        return {"books": self.entity, "as_of": self.as_of, "position": position}


@Parameter(name="*")
@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """
    Which entries are written, to which file.

    Attributes:
        to: the file.
        kind: as CSV, or as a plain-text ledger for beancount.
        number: of an earlier export, to be written once more.
        entity: whose books.
    """

    to: Annotated[Path, Parameter(name=["--to", "-o"], help="The file to write.")]
    kind: Annotated[FileKind, Parameter(name="--format", help="csv or beancount.")] = FileKind.CSV
    number: Annotated[int | None, Parameter(help="An earlier export, once more.")] = None
    entity: Annotated[str, Parameter(help=ENTITY_HELP)] = ""


OPEN_BOOKS = Books()
"""The only books, with all that is in them now."""


@ledger_app.command(name="trial-balance")
def trial_balance(*, books: Books = OPEN_BOOKS, session: Session = HERE) -> None:
    """
    Show the balance of every account; debits and credits are equal.

    The position that is shown asks for the same answer later, whatever is posted until then.

    For example:

        tallystick ledger trial-balance
        tallystick ledger trial-balance --entity main --as-of 2026-01-31T23:59:59Z

    Args:
        books: Which books are looked at, and from where.
        session: Which server is asked, and how its answer is written.
    """
    with session.client() as client:
        found = cast(dict[str, Any], client.get("/v1/journal/trial-balance", **books.query))
    title = f"{found['books']}, up to position {found['position']}"
    totals = [{**each, "account": "total"} for each in found["totals"]]
    session.answer(found, item_table(title, [*found["rows"], *totals], TRIAL))


@ledger_app.command
def statement(
    account: str, currency: str, /, *, since: str = "", books: Books = OPEN_BOOKS,
    session: Session = HERE,
) -> None:  # fmt: skip
    """
    Show what moved an account, and its balance after each movement.

    For example:

        tallystick ledger statement receivable:acme EUR --since 2026-01-01T00:00:00Z

    Args:
        account: A chart account, as receivable:acme.
        currency: ISO 4217 code, or that of a custom unit.
        since: Movements before are summed into the opening balance.
        books: Which books are looked at, and from where.
        session: Which server is asked, and how its answer is written.
    """
    query = {**books.query, "account": account, "currency": currency, "since": since}
    with session.client() as client:
        found = cast(dict[str, Any], client.get("/v1/journal/statement", **query))
    session.answer(
        found,
        f"opening {found['opening']} {currency}",
        item_table(account, found["movements"], MOVEMENTS),
        f"closing {found['closing']} {currency}",
    )


@ledger_app.command
def schedule(
    *, entity: Annotated[str, Parameter(help=ENTITY_HELP)] = "", session: Session = HERE
) -> None:
    """
    Show which deferred revenue waits for which month.

    For example:

        tallystick ledger schedule

    Args:
        entity: Whose books.
        session: Which server is asked, and how its answer is written.
    """
    with session.client() as client:
        found = cast(dict[str, Any], client.get("/v1/journal/schedule", books=entity))
    session.answer(found, item_table("Deferred revenue", found["items"], SCHEDULE))


class Step(StrEnum):
    """By what revenue is told."""

    DAY = "day"
    MONTH = "month"


@ledger_app.command
def revenue(
    since: str, until: str, /, *, by: Step = Step.DAY, account: str = "", session: Session = HERE
) -> None:
    """
    Show what was earned, and what was deferred and unbilled at the end, of each day or month.

    Usage is earned on the day on which it was used, also before a document charges it.

    For example:

        tallystick ledger revenue 2026-01-01 2026-01-31
        tallystick ledger revenue 2026-01-01 2026-03-31 --by month --account acme

    Args:
        since: The first day.
        until: The last day.
        by: day or month.
        account: Of this account alone.
        session: Which server is asked, and how its answer is written.
    """
    query = {"since": since, "until": until} | ({"account": account} if account else {})
    with session.client(timeout_seconds=LONG_SECONDS) as client:
        found = cast(dict[str, Any], client.get("/v1/journal/revenue", **query))
    rows = found["items"] if by is Step.DAY else _months(found["items"])
    session.answer(found, item_table("Revenue", rows, REVENUE))


def _months(days: list[dict[str, str]]) -> list[dict[str, str]]:
    """Return what days of a month earned together, and what stood at the end of the last one."""
    months: dict[tuple[str, str], dict[str, str]] = {}
    for each in days:
        place = (each["currency"], each["day"][:7])
        before = months.get(place)
        so_far = parse_decimal(before["earned"]) if before else Decimal(0)
        earned = EXACT.add(so_far, parse_decimal(each["earned"]))
        months[place] = {**each, "day": place[1], "earned": plain(earned)}
    return list(months.values())


@ledger_app.command
def recognize(
    *,
    entity: Annotated[str, Parameter(help="Only of this legal entity.")] = "",
    session: Session = HERE,
) -> None:
    """
    Book deferred revenue as earned for all months that are over.

    The worker does it by itself, once an hour; a second run finds nothing to do.

    For example:

        tallystick ledger recognize

    Args:
        entity: Only of this legal entity.
        session: Which server is asked, and how its answer is written.
    """
    with session.client(timeout_seconds=LONG_SECONDS) as client:
        order = {"books": entity or None}
        found = cast(dict[str, Any], client.post("/v1/journal/recognitions", order))
    session.answer(found, item_table("Recognized", found["items"], ENTRIES))


@ledger_app.command
def lock(
    through: str,
    /,
    *,
    reason: str,
    entity: Annotated[str, Parameter(help=ENTITY_HELP)] = "",
    session: Session = HERE,
) -> None:
    """
    Lock all months up to one: they take no entry any more.

    What counts in a locked month is booked in the first open one.

    For example:

        tallystick ledger lock 2026-01 --reason "January is closed"

    Args:
        through: The last month to be locked, as 2026-01.
        reason: Why; kept in the audit.
        entity: Whose books.
        session: Which server is asked, and how its answer is written.
    """
    _lock(through, reason=reason, entity=entity, session=session)


@ledger_app.command
def unlock(
    *,
    reason: str,
    through: Annotated[str, Parameter(help="The last month that stays locked.")] = "",
    entity: Annotated[str, Parameter(help=ENTITY_HELP)] = "",
    session: Session = HERE,
) -> None:
    """
    Open locked months again; it needs a key with the scope admin.

    For example:

        tallystick ledger unlock --reason "an entry is missing" --through 2025-12

    Args:
        reason: Why; kept in the audit.
        through: The last month that stays locked; without it, none does.
        entity: Whose books.
        session: Which server is asked, and how its answer is written.
    """
    _lock(through or None, reason=reason, entity=entity, session=session)


@ledger_app.command
def export(name: str, /, *, file: Exported, session: Session = HERE) -> None:
    """
    Write all entries that no export of this name holds yet to a file.

    Each entry is in exactly one export of a name; --number writes an earlier one again.

    For example:

        tallystick ledger export accounting -o february.csv
        tallystick ledger export books --format beancount -o february.beancount
        tallystick ledger export accounting --number 1 -o january.csv

    Args:
        name: Who takes it; each name has a course of its own.
        file: Which entries, in which file.
        session: Which server is asked, and how its answer is written.
    """
    with session.client(timeout_seconds=LONG_SECONDS) as client:
        made = {"name": name, "number": file.number}
        if file.number is None:
            order = {"name": name, "books": file.entity or None}
            answer = cast(dict[str, Any], client.post("/v1/journal/exports", order))
            if answer["export"] is None:
                session.answer(answer, "nothing new")
                return
            made = answer["export"]
        path = f"/v1/journal/exports/{name}/{made['number']}/{file.kind}"
        query = {"books": file.entity} if file.entity else {}
        content = client.fetch(Request(method="GET", path=path, query=query)).content
    file.to.write_bytes(content)
    session.answer({"export": made, "file": str(file.to)}, item_table("", [made], EXPORTS))
    note(f"written to {file.to}")


@ledger_app.command
def exports(*, session: Session = HERE) -> None:
    """
    List all exports.

    For example:

        tallystick ledger exports

    Args:
        session: Which server is asked, and how its answer is written.
    """
    with session.client() as client:
        found = cast(dict[str, Any], client.get("/v1/journal/exports"))
    session.answer(found, item_table("Exports", found["items"], EXPORTS))


def _lock(through: str | None, *, reason: str, entity: str, session: Session) -> None:
    order = {"through": through, "reason": reason, "books": entity or None}
    with session.client() as client:
        locked = cast(dict[str, Any], client.post("/v1/journal/locks", order))
    month = locked["locked_through"]
    session.answer(
        locked, f"{locked['books']} is locked {f'through {month}' if month else 'in no month'}"
    )

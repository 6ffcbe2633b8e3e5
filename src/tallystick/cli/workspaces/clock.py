"""`tallystick clock`: where the clock of a workspace stands, and advancing that of a test one."""

from typing import cast

from cyclopts import App

from tallystick.cli.connection import HERE, Item, Session
from tallystick.cli.exits import Refusal
from tallystick.cli.output import item_table
from tallystick.kernel import Problem, counted

CLOCK_COLUMNS = ("kind", "now", "is_set", "target")
PARKED_COLUMNS = ("account", "code", "message")
LONG_SECONDS = 3_600.0

clock_app = App(name="clock", help="Show the clock of a workspace; advance that of a test one.")


@clock_app.command
def show(*, session: Session = HERE) -> None:
    """
    Show where the clock of the workspace stands.

    For example:

        tallystick clock show --workspace trial

    Args:
        session: Which server is asked, and how its answer is written.
    """
    with session.client() as client:
        found = cast(Item, client.get("/v1/clock"))
    session.answer(found, item_table("", [found], CLOCK_COLUMNS))


@clock_app.command
def advance(*, to: str = "", by: str = "", session: Session = HERE) -> None:
    """
    Advance the clock of a test workspace, and do all that falls due on the way.

    Documents are issued, revenue is recognized, at the instants at which it would be in a live
    year. An advance that was broken off goes on when it is asked for again.

    For example:

        tallystick clock advance --by 1M --workspace trial
        tallystick clock advance --to 2025-01-01T00:00:00Z --workspace trial

    Args:
        to: The instant at which it stands then.
        by: A number and h, d, w, M, q or y, from where it stands.
        session: Which server is asked, and how its answer is written.
    """
    if bool(to) == bool(by):
        message = "say either --to which instant, or --by which interval"
        raise Refusal([Problem(code="clock_order", message=message, field="--to")])
    order = {"to": to} if to else {"by": by}
    with session.client(timeout_seconds=LONG_SECONDS) as client:
        report = cast(dict[str, object], client.post("/v1/clock/advance", order))
    issued, recognized = (cast(list[str], report[name]) for name in ("issued", "recognized"))
    parked = cast(list[Item], report["parked"])
    told = (
        f"{report['started_at']} to {report['now']}: {counted(len(issued), 'document')} issued, "
        f"{counted(len(recognized), 'entry')} of revenue earned, "
        f"{counted(len(parked), 'account')} parked"
    )
    shown = [item_table("Parked", parked, PARKED_COLUMNS)] if parked else []
    session.answer(report, *shown, told)

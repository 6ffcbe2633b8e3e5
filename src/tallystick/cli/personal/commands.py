"""`tallystick personal-data`: what is kept of personal values, and how they are erased."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, cast

from cyclopts import App, Parameter

from tallystick.cli.connection import HERE, Session
from tallystick.cli.output import item_table, note

PATHS = ("event_type", "path", "declared", "values#", "subjects#", "events_as_sent#")
PREVIEW = (
    "event_type",
    "path",
    "values#",
    "shared#",
    "subjects#",
    "events#",
    "first_used_at",
    "last_used_at",
)
ERASED = ("event_type", "path", "values#")
LONG_SECONDS = 600.0

Item = Mapping[str, Any]


@Parameter(name="*")
@dataclass(frozen=True, slots=True, kw_only=True)
class Whose:
    """
    Whose values: one of account, subject and value.

    Attributes:
        account: of an account, and of resources that never were another's.
        subject: of the events of a subject.
        value: this text, wherever it is used.
        event_type: of events of this type only.
    """

    account: Annotated[
        str, Parameter(help="Values of an account, and of resources that never were another's.")
    ] = ""
    subject: Annotated[str, Parameter(help="Values of the events of a subject.")] = ""
    value: Annotated[str, Parameter(help="This text, wherever it is used.")] = ""
    event_type: Annotated[str, Parameter(name="--type", help="Events of this type only.")] = ""

    def order(self) -> dict[str, str]:
        """Return what is given."""
        given = {
            "account": self.account,
            "subject": self.subject,
            "value": self.value,
            "event_type": self.event_type,
        }
        return {name: text for name, text in given.items() if text}


NOBODY = Whose()
personal_app = App(name="personal-data", help="Show personal data, and erase it for good.")


@personal_app.command(name="list")
def show(*, session: Session = HERE) -> None:
    """
    Show which paths are personal, and how much is kept at each.

    Paths are declared in the catalog: personal_data, with event_type and paths. Events that came
    before their path was declared hold the value as it was sent; erasure does not reach them.

    For example:

        tallystick personal-data list

    Args:
        session: Which server is asked, and how its answer is written.
    """
    with session.client(timeout_seconds=LONG_SECONDS) as client:
        read = cast(Item, client.get("/v1/personal-data"))
    session.answer(read, item_table("Personal data", read["items"], PATHS))


@personal_app.command
def preview(*, whose: Whose = NOBODY, session: Session = HERE) -> None:
    """
    Show what an erasure would take, and in which events it stands.

    For example:

        tallystick personal-data preview --account acme
        tallystick personal-data preview --value jane@example.com --type http.request

    Args:
        whose: Whose values.
        session: Which server is asked, and how its answer is written.
    """
    with session.client(timeout_seconds=LONG_SECONDS) as client:
        previewed = cast(Item, client.post("/v1/personal-data/preview", whose.order()))
    _show_preview(previewed, session)


@personal_app.command
def erase(
    *,
    reason: str,
    yes: Annotated[bool, Parameter(negative=(), help="Erase; it cannot be undone.")] = False,
    whose: Whose = NOBODY,
    session: Session = HERE,
) -> None:
    """
    Destroy the text of personal values for good; without --yes, show what would go.

    Quantities, digests and documents stay what they are. Dead letters that hold the text go with
    it. Backups that were taken before still hold it.

    For example:

        tallystick personal-data erase --account acme --reason "request 2026/31"
        tallystick personal-data erase --value jane@example.com --reason "request 2026/32" --yes

    Args:
        reason: Why, as the number of the request.
        yes: Erase, rather than show.
        whose: Whose values.
        session: Which server is asked, and how its answer is written.
    """
    with session.client(timeout_seconds=LONG_SECONDS) as client:
        if not yes:
            _show_preview(
                cast(Item, client.post("/v1/personal-data/preview", whose.order())), session
            )
            note("nothing was erased; add --yes to erase it for good")
            return
        order = {"whose": whose.order(), "reason": reason}
        erased = cast(Item, client.post("/v1/personal-data/erasures", order))
    session.answer(erased, item_table("Erased", erased["paths"], ERASED))
    note(
        f"{erased['destroyed']} values and {erased['letters']} dead letters are gone; "
        f"{erased['shared']} values stay for other subjects"
    )
    _note_left_out(erased)


def _show_preview(previewed: Item, session: Session) -> None:
    session.answer(previewed, item_table("Would be erased", previewed["paths"], PREVIEW))
    note(f"{previewed['letters']} dead letters would go with them")
    if previewed["held"]:
        note(previewed["held"])
    _note_left_out(previewed)


def _note_left_out(answer: Item) -> None:
    if answer["left_out"]:
        names = ", ".join(answer["left_out"])
        note(f"not these resources, which others owned too: {names}; name each with --subject")
